"""The roles of the program, one process each: what `pilot web`, `triage`, `worker` and `clock` run."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

import structlog

from bot.observing import observe_ourselves
from investigator import clock, store
from investigator.catalog import Catalog, catalog_of
from investigator.durability import parse_durability
from investigator.inbox_reader import InboxReader
from investigator.incidents import Incidents
from investigator.live_settings import LiveSettings
from investigator.queue import Jobs
from investigator.settings import Settings
from investigator.triage_reader import TriageReader

log = structlog.get_logger()

Run = Callable[[Settings, asyncio.Event], Coroutine[Any, Any, None]]

LATE_ANALYSES_SECONDS = 120


def run_role(role: str, settings: Settings) -> None:
    """Run one role until SIGTERM or SIGINT.

    Raises:
        ConfigurationError: when it cannot work as configured.
    """
    settings.require_service_credentials()
    observe_ourselves(settings, role)
    address = store.address_of(settings)
    catalog = catalog_of(settings)
    live = LiveSettings(settings)
    if role == "worker":
        from investigator import worker  # SDKs of the outside, for which a stand-by must not wait
        from investigator.analysis.providers import preload

        preload(settings)
        worker.work(store.connect_sync(address), live)
        return
    runs: dict[str, Callable[[asyncio.Event], Awaitable[None]]] = {
        "web": lambda stop: _web(live, stop),
        "triage": lambda stop: _triage(settings, address, catalog, stop),
        "clock": lambda stop: _anew_with_each(live, _clock, stop),
    }
    import uvloop

    uvloop.run(until_told_to_stop(runs[role]))


async def _web(live: LiveSettings, stop: asyncio.Event) -> None:
    from bot.web import serve  # as above

    await serve(live, stop)


async def _anew_with_each(live: LiveSettings, run: Run, stop: asyncio.Event) -> None:
    """Run with the settings as they are, and from the start again with others as soon as there are any."""
    while not stop.is_set():
        over = asyncio.Event()
        running = asyncio.create_task(run(live.settings, over))
        changing, stopping = asyncio.create_task(live.change()), asyncio.create_task(stop.wait())
        await asyncio.wait((running, changing, stopping), return_when=asyncio.FIRST_COMPLETED)
        over.set()
        for waiting in (changing, stopping):
            waiting.cancel()
        await running


async def _triage(settings: Settings, address: store.Address, catalog: Catalog, stop: asyncio.Event) -> None:
    connection, blocking = store.connect(address), store.connect_sync(address)
    inbox = InboxReader(connection, f"{socket.gethostname()}-{os.getpid()}")
    durability = parse_durability(settings.pilot_durability)
    await TriageReader(
        connection,
        inbox,
        catalog,
        Incidents(connection),
        Jobs(blocking),
        seen_days=settings.pilot_seen_days,
        durability=durability,
    ).run(stop)
    await connection.aclose()


async def _clock(settings: Settings, stop: asyncio.Event) -> None:
    from bot.watching import watch_from_clock  # as above
    from investigator.composition import compose

    async with compose(settings) as program:
        await asyncio.gather(
            clock.run(program.store, program.jobs, stop, clock_tasks(settings)),
            watch_from_clock(program, stop),
        )


def clock_tasks(settings: Settings) -> Mapping[str, int]:
    tasks = dict(clock.TASKS)
    if any(map(settings.has_provider, settings.ai_order)):
        tasks["late_analyses"] = LATE_ANALYSES_SECONDS
    if settings.sentry_auth_token and settings.pilot_reconcile_seconds:
        return {**tasks, "reconcile": settings.pilot_reconcile_seconds}
    log.warning(
        "reconcile_off",
        meaning="a webhook that does not reach us is never known",
        remedy="set SENTRY_AUTH_TOKEN, SENTRY_ORG and PILOT_RECONCILE_SECONDS",
    )
    return tasks


async def until_told_to_stop(run: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run with an event that SIGTERM and SIGINT set."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run(stop)
