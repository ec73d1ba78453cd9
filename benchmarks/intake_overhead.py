"""What metrics and logging cost of accepting a webhook, in processor time of the web process.

Two web processes on one real store take the same webhooks in turns: one as it is, one that counts and logs
nothing. Each pair of rounds is compared with itself, so that what else the machine does meets both. What is
counted and logged of a webhook is also measured by itself, which says more where that is much.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import uvloop
from aiohttp import web

from benchmarks.tables import Table
from bot import sentry_webhook
from bot.logs import configure_logs
from investigator.durability import LOCAL
from investigator.embedded_store import EmbeddedStore, free_port
from investigator.inbox import Inbox
from investigator.inbox_writer import InboxWriter
from investigator.metrics import WEBHOOK_ACK_SECONDS, WEBHOOK_DELIVERIES
from investigator.sentry.signature import sign
from investigator.spool import Spool
from investigator.store import connect

PAIRS, REQUESTS, AT_ONCE = 40, 100, 4
BODY_BYTES = 27_000
SECRET = "benchmark"
MODES = ("observed", "silent")
WARM_UP = 2  # pairs
TAKEN = (200, 503)  # on a machine that is busy with other things some are put off; they cost no less


class _Nothing:
    """Takes any call, and does nothing."""

    def __getattr__(self, _name: str) -> Any:
        return self

    def __call__(self, *_arguments: object, **_named: object) -> Any:
        return self


def main(mode: str, port: str, store: str, directory: str) -> None:
    """The web process, until it is killed."""
    configure_logs("web")
    if mode == "silent":
        for name in ("WEBHOOK_DELIVERIES", "WEBHOOK_ACK_SECONDS", "log"):
            setattr(sentry_webhook, name, _Nothing())
    uvloop.run(_serve(int(port), store, Path(directory)))


async def _serve(port: int, store: str, directory: Path) -> None:
    async def cpu(_request: web.Request) -> web.Response:
        return web.Response(text=str(time.process_time()))

    async def observing(_request: web.Request) -> web.Response:
        return web.Response(text=str(min(_observing() for _ in range(20))))

    inbox = Inbox(InboxWriter(connect(store), LOCAL), Spool(directory))
    app = web.Application()
    sentry_webhook.SentryWebhook([SECRET], inbox).add_to(app)
    app.router.add_get("/cpu", cpu)
    app.router.add_get("/observing", observing)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


def _observing() -> float:
    """Seconds of processor for what is counted and logged of one webhook."""
    began = time.process_time()
    for _ in range(REQUESTS):
        WEBHOOK_DELIVERIES.labels("stored").inc()
        WEBHOOK_ACK_SECONDS.observe(0.0123)
        told = {"outcome": "stored", "error": None, "request_id": "0" * 32, "delivery": "0" * 32}
        sentry_webhook.log.info("webhook_delivery", **told, seconds=0.0123)
    return (time.process_time() - began) / REQUESTS


async def measure() -> list[Table]:
    """Processor time for one webhook, both ways, and what observing adds."""
    with tempfile.TemporaryDirectory() as directory, EmbeddedStore(Path(directory) / "store") as store:
        async with (
            _server("observed", store.url, directory) as one,
            _server("silent", store.url, directory) as two,
        ):
            urls, spent = {"observed": one, "silent": two}, {mode: list[float]() for mode in MODES}
            async with aiohttp.ClientSession() as session:
                for number in range(PAIRS + WARM_UP):
                    for mode in MODES if number % 2 else reversed(MODES):
                        spent[mode].append(await _round(session, urls[mode]))
                alone = await _number(session, f"{one}/observing")
    observed, silent = (spent[mode][WARM_UP:] for mode in MODES)
    added = [one / other - 1 for one, other in zip(observed, silent, strict=True)]
    low, median, high = statistics.quantiles(added, n=4)
    rows = [
        ("observed", f"{statistics.median(observed) * 1e6:.0f} µs", f"{min(observed) * 1e6:.0f} µs"),
        ("silent", f"{statistics.median(silent) * 1e6:.0f} µs", f"{min(silent) * 1e6:.0f} µs"),
        ("added by observing", f"{median:.1%}", f"{min(observed) / min(silent) - 1:.1%}"),
        ("half of the pairs between", f"{low:.1%} and {high:.1%}", ""),
        ("by itself", f"{alone * 1e6:.0f} µs", f"{alone / min(silent):.1%}"),
    ]
    size = f"{BODY_BYTES // 1000} KB, {PAIRS} pairs of {REQUESTS}"
    title = f"Processor time of one webhook of {size} (aim: below 5% added)"
    return [Table(title, ("", "median", "best"), rows)]


@contextlib.asynccontextmanager
async def _server(mode: str, store: str, directory: str) -> AsyncIterator[str]:
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "benchmarks.intake_overhead",
        mode,
        str(port),
        store,
        f"{directory}/{mode}",
    ]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        async with aiohttp.ClientSession() as session, asyncio.timeout(60):
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    await _cpu(session, url)
                    break
                await asyncio.sleep(0.1)
        yield url
    finally:
        process.kill()
        await process.wait()


async def _round(session: aiohttp.ClientSession, url: str) -> float:
    """Seconds of the server's processor for one webhook."""
    before = await _cpu(session, url)
    turns = asyncio.Semaphore(AT_ONCE)

    async def send(number: int) -> None:
        body = b'{"action":"created","data":{"n":%d,"x":"%s"}}' % (number, b"x" * BODY_BYTES)
        headers = {"Sentry-Hook-Signature": sign(body, SECRET)}
        async with turns, session.post(f"{url}/sentry/webhook", data=body, headers=headers) as answer:
            if answer.status not in TAKEN:
                answer.raise_for_status()

    await asyncio.gather(*map(send, range(REQUESTS)))
    return (await _cpu(session, url) - before) / REQUESTS


async def _cpu(session: aiohttp.ClientSession, url: str) -> float:
    return await _number(session, f"{url}/cpu")


async def _number(session: aiohttp.ClientSession, url: str) -> float:
    async with session.get(url) as answer:
        return float(await answer.text())


if __name__ == "__main__":
    main(*sys.argv[1:])
