"""How fast triage empties the inbox in a storm, and whether the length of the inbox matters.

The floor reads and acknowledges the same entries on the same store and does nothing else. Nine deliveries of
ten are copies: in one storm byte for byte, in the other one event told again for another rule, with another
key and other bytes, which has to be looked into to be recognised.
"""

from __future__ import annotations

import itertools
import json
import logging
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from redis.asyncio import Redis

from benchmarks.tables import Table
from investigator import keys
from investigator.catalog import Catalog
from investigator.delivery import Delivery
from investigator.delivery_codec import encode, flat
from investigator.embedded_store import EmbeddedStore
from investigator.inbox_reader import InboxReader
from investigator.incidents import Incidents
from investigator.queue import Jobs
from investigator.sentry.parse import parse_notice
from investigator.store import connect, connect_sync
from investigator.triage_reader import BATCH, TriageReader

STORM = 5_000
PARSED = 500  # whole events are slow to read
ISSUES = 20
COPIES = 10  # of each event, itself included
BACKLOGS = (1_000, 10_000, 100_000, 1_000_000)
MEASURED = 3_000
FRAMES = 30
NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)

Read = Callable[[], Awaitable[int]]


@dataclass(frozen=True)
class Cost:
    """Wall-clock seconds and seconds of this process's CPU for `deliveries`."""

    deliveries: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        return self.deliveries / self.seconds


async def measure() -> list[Table]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    return [await _storms(), await _backlogs()]


async def _storms() -> Table:
    floor = await _run(storm(STORM, rules=False), _floor, STORM)
    rows = [
        ("read and acknowledge only", floor),
        ("+ read every event whole", await _run(storm(PARSED, rules=False), _parse_all, PARSED)),
        ("triage, copies byte for byte", await _run(storm(STORM, rules=False), _triage, STORM)),
        ("triage, copies for other rules", await _run(storm(STORM, rules=True), _triage, STORM)),
    ]
    size = len(next(storm(1, rules=False)).body)
    return Table(
        title=f"A storm of {STORM} deliveries of {size / 1000:.0f} kB, 90 % copies, {ISSUES} issues",
        columns=("", "deliveries/s", "CPU µs each", "ratio to floor"),
        rows=[_row(name, cost, floor) for name, cost in rows],
    )


async def _backlogs() -> Table:
    costs = [
        (
            f"{backlog:,}",
            await _run(changes(backlog + MEASURED), _floor, MEASURED),
            await _run(changes(backlog + MEASURED), _triage, MEASURED),
        )
        for backlog in BACKLOGS
    ]
    return Table(
        title=f"{MEASURED} small deliveries with a backlog behind them",
        columns=("backlog", "floor/s", "triage/s", "triage CPU µs each", "ratio to floor"),
        rows=[
            (
                backlog,
                f"{floor.rate:.0f}",
                f"{cost.rate:.0f}",
                _micro(cost),
                f"{cost.rate / floor.rate:.2f}",
            )
            for backlog, floor, cost in costs
        ],
    )


def storm(count: int, *, rules: bool) -> Iterator[Delivery]:
    """Alerts with whole events; with `rules`, the copies of one differ in rule and key."""
    for number in range(count):
        event, copy = divmod(number, COPIES)
        body = _alert(str(event % ISSUES), f"{event:032x}", f"rule {copy}" if rules else "rule")
        headers = {"idempotency-key": f"{number:032x}"} if rules else {}
        yield Delivery(body, headers, NOW)


def changes(count: int) -> Iterator[Delivery]:
    """Small alerts without a stack, nine of ten told before."""
    for number in range(count):
        event = number // COPIES
        data = {"event": {"event_id": f"{event:032x}", "issue_id": str(event % ISSUES)}}
        yield Delivery(_body(data), {}, NOW)


def _alert(issue_id: str, event_id: str, rule: str) -> bytes:
    frames = [
        {
            "filename": f"shop/module_{number}.py",
            "abs_path": f"/srv/app/shop/module_{number}.py",
            "function": f"step_{number}",
            "lineno": number + 10,
            "in_app": number > FRAMES // 2,
            "context_line": "    return total(cart, prices)",
            "pre_context": ["    prices = load_prices(cart.currency)"] * 5,
            "post_context": ["", "def total(cart, prices):"] * 2,
            "vars": {f"name_{index}": "a value as people have them" for index in range(8)},
        }
        for number in range(FRAMES)
    ]
    event = {
        "event_id": event_id,
        "issue_id": issue_id,
        "project": 1,
        "title": "KeyError: 'total'",
        "timestamp": NOW.timestamp(),
        "tags": [[f"tag_{index}", "value"] for index in range(20)],
        "exception": {"values": [{"type": "KeyError", "value": "'total'", "stacktrace": {"frames": frames}}]},
    }
    return _body({"event": event, "triggered_rule": rule})


def _body(data: dict[str, Any]) -> bytes:
    body = {"action": "triggered", "installation": {"uuid": "u"}, "data": data}
    return json.dumps(body, separators=(",", ":")).encode()


async def _run(
    deliveries: Iterator[Delivery], reading: Callable[[Redis, str], Awaitable[Read]], count: int
) -> Cost:
    """Put the deliveries into an empty store, then read `count` of them."""
    async with _filled(deliveries) as (store, url):
        read = await reading(store, url)
        done, started, cpu = 0, time.perf_counter(), time.process_time()
        while done < count:
            done += await read()
        return Cost(done, time.perf_counter() - started, time.process_time() - cpu)


@asynccontextmanager
async def _filled(deliveries: Iterator[Delivery]) -> AsyncIterator[tuple[Redis, str]]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, EmbeddedStore(Path(folder)) as server:
        async with connect(server.url, timeout=30) as store:
            while chunk := list(itertools.islice(deliveries, 500)):
                async with store.pipeline(transaction=False) as pipe:
                    for delivery in chunk:
                        pipe.execute_command("XADD", keys.INBOX, "*", *flat(encode(delivery)))
                    await pipe.execute()
            yield store, server.url


async def _floor(store: Redis, url: str) -> Read:
    return await _reading(store, lambda body: None)


async def _parse_all(store: Redis, url: str) -> Read:
    return await _reading(store, parse_notice)


async def _reading(store: Redis, look: Callable[[bytes], object]) -> Read:
    inbox = InboxReader(store, "floor")
    await inbox.ensure_group()

    async def read() -> int:
        entries = await inbox.read(BATCH, 0)
        for entry in entries:
            look(entry.delivery.body)
        await inbox.acknowledge([entry.id for entry in entries])
        return len(entries)

    return read


async def _triage(store: Redis, url: str) -> Read:
    inbox = InboxReader(store, "triage")
    reader = TriageReader(store, inbox, Catalog(), Incidents(store), Jobs(connect_sync(url)))

    async def read() -> int:
        if not await reader.take_over():
            raise RuntimeError("another reader holds the lease of a store made for this measurement")
        return await reader.read_once(block_ms=0)

    await reader.take_over()
    return read


def _row(name: str, cost: Cost, floor: Cost) -> tuple[object, ...]:
    return name, f"{cost.rate:.0f}", _micro(cost), f"{cost.rate / floor.rate:.2f}"


def _micro(cost: Cost) -> str:
    return f"{cost.cpu / cost.deliveries * 1e6:.0f}"
