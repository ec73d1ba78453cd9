"""What metrics and logging cost of accepting a webhook, in processor time of the web process.

Two web processes on one real store take the same webhooks in turns: one as it is, one that counts and logs
nothing. Processor time hardly depends on what else the machine does.
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
from investigator.sentry.signature import sign
from investigator.spool import Spool
from investigator.store import connect

ROUNDS, REQUESTS, AT_ONCE = 12, 250, 4
BODY_BYTES = 27_000
SECRET = "benchmark"
MODES = ("observed", "silent")
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

    inbox = Inbox(InboxWriter(connect(store), LOCAL), Spool(directory))
    app = web.Application()
    sentry_webhook.SentryWebhook([SECRET], inbox).add_to(app)
    app.router.add_get("/cpu", cpu)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


async def measure() -> list[Table]:
    """Processor time for one webhook, both ways, and what observing adds."""
    with tempfile.TemporaryDirectory() as directory, EmbeddedStore(Path(directory) / "store") as store:
        async with (
            _server("observed", store.url, directory) as one,
            _server("silent", store.url, directory) as two,
        ):
            spent: dict[str, list[float]] = {mode: [] for mode in MODES}
            async with aiohttp.ClientSession() as session:
                for _ in range(ROUNDS + 1):
                    for mode, url in zip(MODES, (one, two), strict=True):
                        spent[mode].append(await _round(session, url))
    medians = {
        mode: statistics.median(times[1:]) for mode, times in spent.items()
    }  # the first round warms up
    added = medians["observed"] / medians["silent"] - 1
    rows = [(mode, f"{medians[mode] * 1e6:.0f}", f"{min(spent[mode]) * 1e6:.0f}") for mode in MODES]
    return [
        Table(
            f"Processor time of one webhook of {BODY_BYTES // 1000} KB, {ROUNDS} rounds of {REQUESTS}",
            ("", "median µs", "best µs"),
            [*rows, ("added by observing", f"{added:.1%}", "aim: below 5%")],
        )
    ]


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
    async with session.get(f"{url}/cpu") as answer:
        return float(await answer.text())


if __name__ == "__main__":
    main(*sys.argv[1:])
