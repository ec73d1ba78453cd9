"""What metrics and logging cost of accepting a webhook, in processor time of the web process.

One web process on a real store takes the same webhooks in turns: as it is, logging nothing, and neither
logging nor counting. One process, because two of the same program differ by as much as is looked for. Each
turn is compared with its neighbours, so that what else the machine does meets all. What is counted and logged
of a webhook is also measured by itself, over and over, which is the least that it costs.
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
from bot.delivery_lines import DeliveryLines
from bot.logs import configure_logs
from investigator.durability import LOCAL
from investigator.embedded_store import EmbeddedStore, free_port
from investigator.inbox import Inbox
from investigator.inbox_writer import InboxWriter
from investigator.metrics import WEBHOOK_ACK_SECONDS
from investigator.sentry.signature import sign
from investigator.spool import Spool
from investigator.store import connect

TURNS, REQUESTS, AT_ONCE = 160, 50, 4
BODY_BYTES = 27_000
SECRET = "benchmark"
MODES = ("observed", "counted", "silent")
WARM_UP = 2  # turns
TAKEN = (200, 503)  # on a machine that is busy with other things some are put off; they cost no less


class _Nothing:
    """Takes any call, and does nothing."""

    def __getattr__(self, _name: str) -> Any:
        return self

    def __call__(self, *_arguments: object, **_named: object) -> Any:
        return self


class _Lines(DeliveryLines):
    on = True

    def add(self, *told: Any) -> None:
        if self.on:
            super().add(*told)


_COUNTING = {name: getattr(sentry_webhook, name) for name in ("counter_of", "WEBHOOK_ACK_SECONDS")}


def main(port: str, store: str, directory: str) -> None:
    """The web process, until it is killed."""
    configure_logs("web")
    uvloop.run(_serve(int(port), store, Path(directory)))


async def _serve(port: int, store: str, directory: Path) -> None:
    lines = _Lines()

    async def cpu(request: web.Request) -> web.Response:
        """What was spent so far; from here on in the `mode` that is asked for."""
        lines.write()
        mode = request.query.get("mode", "observed")
        lines.on = mode == "observed"
        for name, counting in _COUNTING.items():
            setattr(sentry_webhook, name, _Nothing() if mode == "silent" else counting)
        return web.Response(text=str(time.process_time()))

    async def observing(_request: web.Request) -> web.Response:
        return web.Response(text=str(min(_observing(lines) for _ in range(20))))

    inbox = Inbox(InboxWriter(connect(store), LOCAL), Spool(directory))
    app = web.Application()
    sentry_webhook.SentryWebhook([SECRET], inbox, lines=lines).add_to(app)
    app.router.add_get("/cpu", cpu)
    app.router.add_get("/observing", observing)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


def _observing(lines: DeliveryLines) -> float:
    """Seconds of processor for what is counted and logged of one webhook."""
    began = time.process_time()
    for _ in range(REQUESTS):
        sentry_webhook.counter_of("stored").inc()
        WEBHOOK_ACK_SECONDS.observe(0.0123)
        lines.add("stored", "", "0" * 32, "0" * 32, 0.0123)
    lines.write()
    return (time.process_time() - began) / REQUESTS


async def measure() -> list[Table]:
    """Processor time for one webhook, each way, and what observing adds."""
    spent = {mode: list[float]() for mode in MODES}
    with tempfile.TemporaryDirectory() as directory, EmbeddedStore(Path(directory) / "store") as store:
        async with _server(store.url, directory) as url, aiohttp.ClientSession() as session:
            for number in range(TURNS + WARM_UP):
                for mode in MODES if number % 2 else reversed(MODES):
                    spent[mode].append(await _turn(session, url, mode))
            alone = await _number(session, f"{url}/observing")
    observed, counted, silent = (spent[mode][WARM_UP:] for mode in MODES)
    rows = [_spent("observed", observed), _spent("counted, not logged", counted), _spent("neither", silent)]
    rows += [_added("observing", observed, silent), _added("logging", observed, counted)]
    rows += [("observing by itself", f"{alone * 1e6:.0f} µs", f"{alone / min(silent):.1%}", "")]
    size = f"{BODY_BYTES // 1000} KB, {TURNS} turns of {REQUESTS}"
    title = f"Processor time of one webhook of {size} (aim: below 5% added)"
    return [Table(title, ("", "median", "best", "half between"), rows)]


def _spent(what: str, seconds: list[float]) -> tuple[str, str, str, str]:
    low, median, high = (f"{of * 1e6:.0f} µs" for of in statistics.quantiles(seconds, n=4))
    return what, median, f"{min(seconds) * 1e6:.0f} µs", f"{low} and {high}"


def _added(what: str, seconds: list[float], without: list[float]) -> tuple[str, str, str, str]:
    added = [one / other - 1 for one, other in zip(seconds, without, strict=True)]
    low, median, high = (f"{of:.1%}" for of in statistics.quantiles(added, n=4))
    return f"added by {what}", median, f"{min(seconds) / min(without) - 1:.1%}", f"{low} and {high}"


@contextlib.asynccontextmanager
async def _server(store: str, directory: str) -> AsyncIterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.intake_overhead", str(port), store, f"{directory}/spool"]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        async with aiohttp.ClientSession() as session, asyncio.timeout(60):
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    await _number(session, f"{url}/cpu")
                    break
                await asyncio.sleep(0.1)
        yield url
    finally:
        process.kill()
        await process.wait()


async def _turn(session: aiohttp.ClientSession, url: str, mode: str) -> float:
    """Seconds of the server's processor for one webhook."""
    before = await _number(session, f"{url}/cpu?mode={mode}")
    turns = asyncio.Semaphore(AT_ONCE)

    async def send(number: int) -> None:
        body = b'{"action":"created","data":{"n":%d,"x":"%s"}}' % (number, b"x" * BODY_BYTES)
        headers = {"Sentry-Hook-Signature": sign(body, SECRET)}
        async with turns, session.post(f"{url}/sentry/webhook", data=body, headers=headers) as answer:
            if answer.status not in TAKEN:
                answer.raise_for_status()

    await asyncio.gather(*map(send, range(REQUESTS)))
    return (await _number(session, f"{url}/cpu") - before) / REQUESTS


async def _number(session: aiohttp.ClientSession, url: str) -> float:
    async with session.get(url) as answer:
        return float(await answer.text())


if __name__ == "__main__":
    main(*sys.argv[1:])
