"""The roles of the program, one process each: what `pilot web`, `triage`, `worker` and `clock` run."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from investigator.composition import Program

log = structlog.get_logger()

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
        "clock": lambda stop: _clock(live, stop),
    }
    import uvloop

    uvloop.run(until_told_to_stop(runs[role]))


async def _web(live: LiveSettings, stop: asyncio.Event) -> None:
    from bot.web import serve  # as above

    await serve(live, stop)


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


async def _clock(live: LiveSettings, stop: asyncio.Event) -> None:
    """Tick with the settings as they are, and with others as soon as a program can be made of them."""
    from investigator.composition import compose  # as above

    clients = AsyncExitStack()
    program = await clients.enter_async_context(compose(live.settings))
    while True:
        async with clients:
            changed = await _ticking(program, live, stop)
        if changed is None:
            return
        program, clients = changed


async def _ticking(
    program: Program, live: LiveSettings, stop: asyncio.Event
) -> tuple[Program, AsyncExitStack] | None:
    """What to go on with; None when told to stop."""
    from bot.next_program import next_program  # as above

    over = asyncio.Event()
    ticking = asyncio.create_task(_tick(program, over))
    changing, stopping = asyncio.create_task(next_program(live)), asyncio.create_task(stop.wait())
    await asyncio.wait((ticking, changing, stopping), return_when=asyncio.FIRST_COMPLETED)
    over.set()
    changed = changing.result() if changing.done() else None
    for waiting in (changing, stopping):
        waiting.cancel()
    await ticking
    return changed


async def _tick(program: Program, stop: asyncio.Event) -> None:
    from bot.watching import watch_from_clock  # as above

    await asyncio.gather(
        clock.run(program.store, program.jobs, stop, clock_tasks(program.settings)),
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
