"""What every stage has: the program's processes, and the sandboxes of what they talk to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from investigator.sentry.signature import sign
from sandbox.llm import LlmSandbox
from sandbox.pagers import PagersSandbox
from sandbox.sentry import webhook_event_alert
from sandbox.sentry.server import serialize
from sandbox.serving import serve
from tests.chaos.outside import CHANNEL, Outside, issue_of, outside
from tests.chaos.program import Processes, Role
from tests.fixtures.playing import key_of

READY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`environment` is what every process is started with, wherever it runs."""

    world: Outside
    pagers: PagersSandbox
    models: Mapping[str, LlmSandbox]
    session: aiohttp.ClientSession
    environment: Mapping[str, str]


@asynccontextmanager
async def surroundings(folder: Path) -> AsyncIterator[Surroundings]:
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(outside(folder, "127.0.0.1"))
        pagers, models = PagersSandbox(), {name: LlmSandbox() for name in ("anthropic", "openai")}
        pages = await stack.enter_async_context(serve(pagers.app))
        addresses = {name: await stack.enter_async_context(serve(each.app)) for name, each in models.items()}
        settings = {
            "PILOT_CANARY_SECONDS": "0",
            "PILOT_PAGE_WEBHOOK": f"{pages}/page",
            "PILOT_PAGE_WEBHOOK_SECRET": pagers.secret,
            "PILOT_OPS_CHANNEL": CHANNEL,
            "PILOT_AI_BUDGET_SECONDS": "6",
            "PILOT_EVIDENCE_BUDGET_SECONDS": "6",
            "ANTHROPIC_BASE_URL": addresses["anthropic"],
            "ANTHROPIC_API_KEY": "sandbox",
            "OPENAI_BASE_URL": f"{addresses['openai']}/v1",
            "OPENAI_API_KEY": "sandbox",
        }
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield Surroundings(world, pagers, models, session, {**world.environment, **settings})


@dataclass(kw_only=True)
class Scene:
    """`webs` are tried in turn, as a load balancer would."""

    folder: Path
    around: Surroundings
    processes: Processes
    webs: tuple[str, ...]
    _known: set[int] = field(default_factory=set)

    def hold(self, roles: list[Role]) -> None:
        """Kill these processes, and keep their supervisor from starting them again."""
        for role in roles:
            role.kill()
            role.process = None

    def release(self, roles: list[Role]) -> None:
        for role in roles:
            role.start()

    async def send(self, number: int) -> tuple[str, float]:
        """A signed webhook of an issue of its own: the answer's status, or why there was none; seconds."""
        body = serialize(webhook_event_alert(*self._issue(number)))
        headers = {
            "Sentry-Hook-Signature": sign(body, self.around.world.sentry.client_secret),
            "Sentry-Hook-Resource": "event_alert",
            "Content-Type": "application/json",
        }
        started, answer = time.monotonic(), ""
        for web in self.webs:
            answer = await self._post(f"{web}/sentry/webhook", body, headers)
            if answer.isdigit() and int(answer) < 500:
                break
        return answer, time.monotonic() - started

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> str:
        timeout = aiohttp.ClientTimeout(total=5)
        try:
            async with self.around.session.post(url, data=body, headers=headers, timeout=timeout) as answer:
                return str(answer.status)
        except TimeoutError:
            return "no answer"
        except aiohttp.ClientError:
            return "no connection"

    def _issue(self, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """The demo's crash as an issue of this number, which Sentry's API knows as well."""
        crash, sentry = self.around.world.crash, self.around.world.sentry
        issue = issue_of(crash, number)
        event = {**crash.event, "event_id": f"{number:032x}", "issue_id": str(number)}
        if number not in self._known:
            self._known.add(number)
            sentry.add_issue(issue)
            sentry.add_event(str(number), event)
            sentry.add_release(str(event["release"]))
        return issue, event

    def parents(self) -> list[Any]:
        """The parent messages of incidents; a stage sees one issue."""
        said = self.around.world.slack.messages(CHANNEL)
        return [each for each in said if key_of(each).endswith(":parent")]

    def thread(self) -> list[Any]:
        found = self.parents()
        return self.around.world.slack.thread(CHANNEL, found[0]["ts"]) if found else []

    async def ready(self) -> None:
        """Raises: TimeoutError."""
        ends = time.monotonic() + READY_SECONDS
        while not all(role.is_up() for role in self.processes.roles):
            if time.monotonic() > ends:
                raise TimeoutError(f"not all processes are up: see {self.folder}")
            await asyncio.sleep(0.2)


@asynccontextmanager
async def running(roles: list[Role]) -> AsyncIterator[Processes]:
    """Started, and started again when they die, while the context lasts."""
    processes = Processes(roles)
    try:
        processes.start()
        keeping = asyncio.create_task(processes.keep())
        yield processes
        keeping.cancel()
    finally:
        processes.stop()
