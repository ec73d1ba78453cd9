"""A rolling deploy under load: of each kind of process one is told to stop while its heir is there."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import ClientError, ClientSession
from redis import Redis
from rq.registry import StartedJobRegistry

from investigator import keys
from investigator.composition import Program
from investigator.embedded_store import free_port
from investigator.queue import queue
from investigator.store import connect_sync
from tests.fixtures.playing import World, environment_of, key_of
from tests.fixtures.roles import Role, running, until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

KUBERNETES = Path(__file__).parents[2] / "deploy" / "kubernetes"
SENDERS = 4
PAUSE_SECONDS = 0.1
ISSUE_SECONDS = (
    1.5  # so long one issue is sent again and again: all but the first are load, and change nothing
)
CHANNEL = "#incidents"


class Proxy:
    """Sends webhooks to one of the webs that were ready a moment ago, over connections that are kept open."""

    def __init__(self, world: World, session: ClientSession) -> None:
        self._sentry, self._session = world.sentry, session
        self._ready: dict[str, bool] = {}
        self.accepted: set[str] = set()
        self.trouble: list[str] = []
        self._turn = 0
        self._began = time.monotonic()

    async def look(self, url: str) -> None:
        while True:
            self._ready[url] = await self.is_ready(url)
            await asyncio.sleep(0.2)

    async def is_ready(self, url: str) -> bool:
        try:
            async with self._session.get(f"{url}/readyz") as answer:
                return answer.status == 200
        except ClientError:
            return False

    async def send(self) -> None:
        while True:
            await asyncio.sleep(PAUSE_SECONDS)
            if ready := [url for url, is_ready in self._ready.items() if is_ready]:
                self._turn += 1
                issue = int((time.monotonic() - self._began) / ISSUE_SECONDS)
                await self._deliver(ready[self._turn % len(ready)], f"9{issue}")

    async def _deliver(self, url: str, issue: str) -> None:
        body = {"action": "created", "installation": {"uuid": "u"}, "data": {"issue": issue_of(issue)}}
        try:
            status = await self._sentry.deliver(
                f"{url}/sentry/webhook", "issue", body, session=self._session, idempotency_key=f"key-{issue}"
            )
        except TimeoutError:
            return  # the machine has other things to do; what matters here is that nobody hangs up
        except ClientError as error:
            self.trouble.append(f"{url}: {error!r}")
            return
        if status == 200:
            self.accepted.add(issue)
        else:
            self.trouble.append(f"{url}: {status}")


def issue_of(number: str) -> dict[str, Any]:
    return {
        "id": number,
        "title": f"Error{number}: of its own",
        "culprit": f"module_{number} in run",
        "project": {"slug": f"service-{number}"},
        "status": "unresolved",
        "level": "error",
    }


def grace_seconds() -> dict[str, int]:
    """What Kubernetes waits after SIGTERM, by role."""
    texts = [(KUBERNETES / name).read_text() for name in ("web.yaml", "background.yaml")]
    pods = {
        each["metadata"]["name"]: each["spec"].get("template")
        for text in texts
        for each in yaml.safe_load_all(text)
    }
    return {name: pod["spec"]["terminationGracePeriodSeconds"] for name, pod in pods.items() if pod}


@asynccontextmanager
async def under_load(proxy: Proxy, urls: list[str]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(proxy.look(url)) for url in urls]
    tasks += [asyncio.create_task(proxy.send()) for _ in range(SENDERS)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            assert isinstance(ended, asyncio.CancelledError), ended


async def test_nothing_is_lost_refused_or_said_twice(world: World, program: Program, tmp_path: Path) -> None:
    given = environment_of(world.without("github_token", "sentry_auth_token", "sentry_org"))
    given |= {"PILOT_CANARY_SECONDS": "0", "PILOT_DRAIN_SECONDS": "3"}
    ports = {"old": free_port(), "new": free_port()}
    grace = grace_seconds()

    async with AsyncExitStack() as stack:

        async def start(name: str, side: str) -> Role:
            own = {"PILOT_PORT": str(ports[side]), "PILOT_DATA_DIR": str(tmp_path / side)}
            return await stack.enter_async_context(
                running(name, given | own, tmp_path, label=f"{name}-{side}")
            )

        connection = stack.enter_context(connect_sync(str(world.settings.redis_url)))
        session = await stack.enter_async_context(ClientSession())
        proxy = Proxy(world, session)
        urls = [f"http://127.0.0.1:{port}" for port in ports.values()]
        old = {name: await start(name, "old") for name in ("web", "triage", "worker", "clock")}
        async with under_load(proxy, urls):
            await until(lambda: bool(world.slack.messages(CHANNEL)), "all are at work")
            for name in old:
                await start(name, "new")
            await until(lambda: proxy.is_ready(urls[1]), "the new web is ready")
            await until(lambda: connection.scard("rq:workers") == 2, "the new worker is there")
            await old["web"].stop(within=grace["web"])
            await until(lambda: under_way(connection), "a job is under way")
            await old["worker"].stop(within=grace["worker"])
            await old["triage"].stop(within=grace["triage"])
            await old["clock"].stop(within=grace["clock"])
            await asyncio.sleep(1)
        stopped = time.time()
        assert proxy.trouble == [], "the sender was let down"
        await until(lambda: all_are_reported(program, proxy.accepted), "what was accepted is investigated")
        await until(lambda: ticked_since(program, stopped), "the new clock ticks")

    incidents = await program.incidents.recent()
    issues = Counter(issue for each in incidents for issue in each.issue_ids)
    assert set(issues) >= proxy.accepted, "what was accepted is lost"
    assert set(issues.values()) == {1}, "an issue has more than one incident"
    said = Counter(key_of(each) for each in everything(world))
    assert [key for key, times in said.items() if times > 1] == [], "said twice"
    assert {f"{each.id}:{what}" for each in incidents for what in ("parent", "report:1")} <= set(said)


def under_way(connection: Redis) -> bool:
    return bool(StartedJobRegistry(queue=queue(connection)).get_job_ids(cleanup=False))


async def all_are_reported(program: Program, accepted: set[str]) -> bool:
    incidents = await program.incidents.recent()
    known = {issue for each in incidents for issue in each.issue_ids}
    return known >= accepted and all(run.state == "done" for each in incidents for run in each.runs)


async def ticked_since(program: Program, moment: float) -> bool:
    return float(await program.store.get(keys.CLOCK_ALIVE) or 0) > moment


def everything(world: World) -> list[dict[str, Any]]:
    parents = world.slack.messages(CHANNEL)
    return [*parents, *(reply for each in parents for reply in world.slack.thread(CHANNEL, str(each["ts"])))]
