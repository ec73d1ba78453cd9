"""Half an hour of ordinary work through the whole program: does anything grow?

The processes that `pilot up` starts get webhooks at a steady rate, a quarter of them copies, with a new issue
now and then that is resolved later; people ask and re-run in Slack; a monitor reads `/metrics` and `/status`.
What the processes hold is read every ten seconds.
"""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from redis.asyncio import Redis

from benchmarks.processes import descendants
from benchmarks.scene import bot_at_work
from benchmarks.soak_verdict import Sample, StoreSample, tables
from benchmarks.tables import Table
from bot.demo.play import settings_for
from bot.demo.stage import CHANNEL, Stage
from investigator import keys
from investigator.embedded_store import STORE_ADDRESS
from investigator.store import connect
from sandbox.sentry import webhook_event_alert, webhook_issue
from sandbox.sentry.server import serialize

MINUTES = 30.0
SAMPLE_SECONDS = 10.0
WEBHOOKS_PER_SECOND = 20.0
COPIES = 0.25  # of the webhooks are sent a second time with the same identity
NEW_ISSUE_SECONDS, LIVES_SECONDS = 20.0, 180.0
PERSON_SECONDS, MONITOR_SECONDS = 15.0, 15.0
SERVICES = 25  # without anything in common: each issue is an incident of its own
SEED = 1

Json = dict[str, Any]


@dataclass
class Traffic:
    """What is sent, and what came of it. `open` holds issues with the time at which each will be resolved."""

    scene: Stage
    session: aiohttp.ClientSession
    rng: random.Random = field(default_factory=lambda: random.Random(SEED))
    open: deque[tuple[float, Json]] = field(default_factory=deque)
    sent: deque[tuple[str, Json, str]] = field(default_factory=lambda: deque(maxlen=200))
    done: Counter[str] = field(default_factory=Counter)
    issues: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.scene.environment['PILOT_PORT']}"

    async def webhook(self) -> None:
        if self.sent and self.rng.random() < COPIES:
            await self._deliver(*self.rng.choice(self.sent))
        elif self.open:
            issue = self.rng.choice(self.open)[1]
            await self._deliver(
                "event_alert", webhook_event_alert(issue, self._event(issue["id"])), uuid.uuid4().hex
            )

    async def new_issue(self) -> None:
        self.issues += 1
        number, project = str(50_000 + self.issues), f"shop-{self.issues % SERVICES}"
        issue = {
            **self.scene.incident.issue,
            "id": number,
            "shortId": f"{project.upper()}-{number}",
            "title": _title(number),
            "project": {**self.scene.incident.issue["project"], "slug": project, "id": number},
        }
        self.scene.sentry.add_issue(issue)
        self.scene.sentry.add_event(number, self._event(number))
        self.open.append((time.monotonic() + LIVES_SECONDS, issue))
        await self._deliver("issue", webhook_issue("created", issue), uuid.uuid4().hex)
        while self.open[0][0] < time.monotonic():
            _, over = self.open.popleft()
            await self._deliver("issue", webhook_issue("resolved", over), uuid.uuid4().hex)

    async def person(self) -> None:
        """Somebody asks, or has the newest incident investigated again."""
        slack, kind = self.scene.slack, self.rng.choice(("status", "health", "quality", "rerun", "home"))
        newest = [each for each in slack.messages(CHANNEL) if "metadata" in each][-1:]
        if kind == "home":
            await slack.acts.open_home(user="priya")
        elif kind != "rerun":
            await slack.slash("/pilot", kind, channel=CHANNEL)
        elif newest:
            await slack.mention("rerun", channel=CHANNEL, thread_ts=str(newest[0]["ts"]))
        self.done[f"Slack: {kind}"] += 1

    async def monitor(self) -> None:
        for path in ("/metrics", "/status", "/readyz"):
            async with self.session.get(self.url + path) as response:
                await response.read()
                self.done[f"{path} {response.status}"] += 1

    def _event(self, number: str) -> Json:
        """The demo's crash, now, with words that no other issue has."""
        now, event = datetime.now(UTC), self.scene.incident.event
        (*causes, crash) = event["exception"]["values"]
        return {
            **event,
            "event_id": uuid.uuid4().hex,
            "datetime": now.isoformat(),
            "timestamp": now.timestamp(),
            "title": _title(number),
            "exception": {"values": [*causes, {**crash, "type": f"Shop{number}Error"}]},
        }

    async def _deliver(self, resource: str, body: Json, key: str) -> None:
        self.sent.append((resource, body, key))
        raw = serialize(body)
        headers = self.scene.sentry.headers(resource, raw, key)
        try:
            async with self.session.post(f"{self.url}/sentry/webhook", data=raw, headers=headers) as response:
                self.done[f"webhook {response.status}"] += 1
        except (TimeoutError, aiohttp.ClientError) as error:
            self.done[f"webhook {type(error).__name__}"] += 1


def _title(number: str) -> str:
    return f"Shop{number}Error: nothing in stock"


def _catalog() -> str:
    """Every service has the demo's repository, so that investigations are whole ones."""
    services = {
        f"shop-{number}": {
            "sentry_projects": [f"shop-{number}"],
            "repository": "acme/checkout",
            "stack_root": "/srv/app",
            "channel": CHANNEL,
        }
        for number in range(SERVICES)
    }
    return yaml.safe_dump({"services": services})


async def measure(minutes: float = MINUTES) -> list[Table]:
    async with bot_at_work(_catalog()) as scene, aiohttp.ClientSession() as session:
        traffic = Traffic(scene, session)
        samples, stored = await _soak(traffic, minutes * 60)
    return tables(samples, stored, traffic.done)


async def _soak(traffic: Traffic, seconds: float) -> tuple[list[Sample], list[StoreSample]]:
    """Send and sample side by side until the time is up."""
    samples: list[Sample] = []
    stored: list[StoreSample] = []
    data = settings_for(traffic.scene).pilot_data_dir
    async with connect((data / STORE_ADDRESS).read_text().strip(), timeout=10) as store:

        async def sample() -> None:
            at = time.monotonic()
            samples.extend(Sample(at, held) for held in descendants())
            stored.append(await _of_store(store, at, data))

        every = (
            (1 / WEBHOOKS_PER_SECOND, traffic.webhook),
            (NEW_ISSUE_SECONDS, traffic.new_issue),
            (PERSON_SECONDS, traffic.person),
            (MONITOR_SECONDS, traffic.monitor),
            (SAMPLE_SECONDS, sample),
        )
        await asyncio.gather(*(_repeat(pause, act, seconds) for pause, act in every))
    return samples, stored


async def _repeat(pause: float, act: Callable[[], Awaitable[None]], seconds: float) -> None:
    """At a fixed rate; what takes longer than its turn delays the next."""
    due = began = time.monotonic()
    while due - began < seconds:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        await act()
        due = max(due + pause, time.monotonic())


async def _of_store(store: Redis, at: float, data: Path) -> StoreSample:
    return StoreSample(
        at=at,
        memory=float((await store.info("memory"))["used_memory"]) / 1e6,
        keys=int(await store.dbsize()),
        incidents=int(await store.zcard(keys.INCIDENTS)),
        inbox=int(await store.xlen(keys.INBOX)),
        other_streams=sum(
            [int(await store.xlen(each)) for each in (keys.INBOX_DEAD, keys.AUDIT, keys.QUALITY_EVENTS)]
        ),
        disk=_disk(data),
    )


def _disk(data: Path) -> float:
    """MB below this folder."""
    total = 0
    for path in data.rglob("*"):
        with suppress(FileNotFoundError):  # the store renames and removes files as it likes
            total += path.stat().st_size
    return total / 1e6
