"""What it costs to accept a webhook durably, and what happens at twice of what can be sustained.

The real route is `pilot web` as it runs in production. Server, load and store are processes of their own;
every figure is the median of rounds that take turns, each on a fresh store with an fsync before every answer.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path

from benchmarks.load import Measured, Order
from benchmarks.tables import Table, milliseconds
from investigator import keys
from investigator.embedded_store import EmbeddedStore, free_port
from investigator.sentry.signature import sign
from investigator.store import connect
from sandbox.sentry import SentrySandbox, webhook_event_alert
from sandbox.sentry.server import serialize

SECRET = "benchmark"
BODY_BYTES = 27_000
VARIANTS = 64
CONNECTIONS = 32
ROUNDS, SECONDS = 3, 4.0
OVERLOAD_SECONDS, OVERLOAD_CONNECTIONS = 60.0, 2000
ROUTE = "the real route (`pilot web`)"
OTHERS = {
    "floor: verify, parse, one durable write": "floor",
    "`Queue.enqueue` inside the request": "rq",
    "parse and push per request, as Kodiak does": "per-request",
}


async def measure() -> list[Table]:
    requests = [_request(number) for number in range(VARIANTS)]
    found: dict[str, list[Measured]] = {name: [] for name in (ROUTE, *OTHERS)}
    for _ in range(ROUNDS):
        for name, results in found.items():
            async with _running(OTHERS.get(name)) as (port, _):
                order = Order("127.0.0.1", port, requests, CONNECTIONS, SECONDS)
                await _load(replace(order, seconds=1.0))  # connections and caches; not counted
                results.append(await _load(order))
    sustained = statistics.median(result.accepted_per_second for result in found[ROUTE])
    return [_side_by_side(found), await _overload(requests, 2 * sustained)]


def _side_by_side(found: dict[str, list[Measured]]) -> Table:
    floor = found[next(iter(OTHERS))]

    def median(results: list[Measured], of: Callable[[Measured], float]) -> float:
        return statistics.median(map(of, results))

    rows = [
        (
            name,
            f"{median(results, lambda each: each.accepted_per_second):.0f}",
            milliseconds(median(results, lambda each: each.p50)),
            milliseconds(median(results, lambda each: each.p99)),
            f"{_ratio(results, floor, lambda each: each.accepted_per_second):.2f}",
            f"{_ratio(results, floor, lambda each: each.p99):.2f}",
        )
        for name, results in found.items()
    ]
    title = (
        f"Accepted webhooks of {BODY_BYTES // 1000} KB, {CONNECTIONS} connections, fsync before every answer"
    )
    return Table(title, ("", "req/s", "p50 ms", "p99 ms", "req/s ÷ floor", "p99 ÷ floor"), rows)


def _ratio(results: list[Measured], floor: list[Measured], of: Callable[[Measured], float]) -> float:
    """The median over rounds: what else runs on this machine hits both of one round alike."""
    return statistics.median(of(ours) / of(base) for ours, base in zip(results, floor, strict=True))


async def _overload(requests: list[str], rate: float) -> Table:
    async with _running(None) as (port, server):
        order = Order("127.0.0.1", port, requests, OVERLOAD_CONNECTIONS, OVERLOAD_SECONDS, rate)
        watching = asyncio.create_task(_most_memory(server))
        measured = await _load(order)
        watching.cancel()
        memory = await watching
    answered = sum(measured.answers.values())
    sent = answered + measured.unsent
    shed = measured.answers.get("503", 0)
    rows = [
        ("offered, req/s", f"{rate:.0f}"),
        ("accepted, req/s", f"{measured.accepted_per_second:.0f}"),
        ("answered 503 with Retry-After", f"{shed / sent:.1%}"),
        ("no connection free", f"{measured.unsent / sent:.1%}"),
        ("answers p50 / p99 / slowest, ms", _latencies(measured)),
        ("memory of web, most, MB", f"{memory / 1e6:.0f}"),
    ]
    return Table(f"Twice the sustainable load for {OVERLOAD_SECONDS:.0f} s", ("", ""), rows)


def _latencies(measured: Measured) -> str:
    return " / ".join(milliseconds(each) for each in (measured.p50, measured.p99, measured.slowest))


async def _most_memory(server: subprocess.Popen[bytes]) -> int:
    """Resident bytes of the process at its largest, until cancelled."""
    most = 0
    with suppress(asyncio.CancelledError):
        while True:
            most = max(most, _memory(server.pid))
            await asyncio.sleep(0.1)
    return most


def _memory(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@asynccontextmanager
async def _running(kind: str | None) -> AsyncIterator[tuple[int, subprocess.Popen[bytes]]]:
    """A server of this kind (None: `pilot web`) on a store of its own; its port and process."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, EmbeddedStore(Path(folder)) as store:
        port = free_port()
        if kind:
            command = ["-m", "benchmarks.intake_servers", kind, str(port), store.url, SECRET]
        else:
            command = ["-m", "bot", "web"]
        with _process(command, Path(folder), store.url, port) as server:
            await asyncio.to_thread(_wait_for, port)
            trimming = asyncio.create_task(_trim(store.url))
            yield port, server
            trimming.cancel()
            with suppress(asyncio.CancelledError):
                await trimming


@contextmanager
def _process(command: list[str], folder: Path, store: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    settings = {
        "SLACK_BOT_TOKEN": "xoxb-none",
        "SLACK_SIGNING_SECRET": "none",
        "SENTRY_CLIENT_SECRET": SECRET,
        "REDIS_URL": store,
        "PILOT_DATA_DIR": str(folder / "data"),
        "PILOT_HOST": "127.0.0.1",
        "PILOT_PORT": str(port),
    }
    server = subprocess.Popen(
        [sys.executable, *command], env=os.environ | settings, stderr=subprocess.DEVNULL
    )
    try:
        yield server
    finally:
        server.kill()
        server.wait()


async def _trim(store: str) -> None:
    """What triage does when it keeps up: finished entries go, or the store's memory would be measured."""
    client = connect(store)
    while True:
        for stream in (keys.INBOX, "floor"):
            await client.xtrim(stream, maxlen=1000, approximate=True)
        await asyncio.sleep(0.2)


async def _load(order: Order) -> Measured:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(asdict(order), file)
        file.flush()
        load = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.load", file.name, stdout=subprocess.PIPE
        )
        printed, _ = await load.communicate()
    return Measured(**json.loads(printed))


def _wait_for(port: int) -> None:
    ends = time.monotonic() + 30
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if time.monotonic() > ends:
            raise TimeoutError(f"nothing listens on port {port}")
        time.sleep(0.05)


def _request(number: int) -> str:
    """One signed webhook as the bytes of a whole request."""
    world = SentrySandbox(client_secret=SECRET)
    issue = world.add_issue({"id": str(1000 + number), "title": "KeyError: 'total'"})
    event = world.add_event(issue["id"], {"message": "x"})
    body = serialize(webhook_event_alert(issue, event))
    padding = {"message": "x" * (BODY_BYTES - len(body))}
    body = serialize(webhook_event_alert(issue, {**event, **padding}))
    head = [
        "POST /sentry/webhook HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Sentry-Hook-Resource: event_alert",
        f"Sentry-Hook-Signature: {sign(body, SECRET)}",
        "",
        "",
    ]
    return "\r\n".join(head) + body.decode()
