"""The roles of the program, one process each: what `pilot web`, `triage`, `worker` and `clock` run."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Mapping

import structlog

from bot.observing import observe_ourselves
from investigator import clock, store
from investigator.catalog import Catalog, catalog_of
from investigator.durability import parse_durability
from investigator.inbox_reader import InboxReader
from investigator.incidents import Incidents
from investigator.queue import Jobs
from investigator.settings import Settings
from investigator.triage_reader import TriageReader

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
    if role == "worker":
        from investigator import worker  # SDKs of the outside, for which a stand-by must not wait
        from investigator.analysis.providers import preload

        preload(settings)
        worker.work(store.connect_sync(address))
        return
    runs: dict[str, Callable[[asyncio.Event], Awaitable[None]]] = {
        "web": lambda stop: _web(settings, stop),
        "triage": lambda stop: _triage(settings, address, catalog, stop),
        "clock": lambda stop: _clock(settings, address, stop),
    }
    import uvloop

    uvloop.run(until_told_to_stop(runs[role]))


async def _web(settings: Settings, stop: asyncio.Event) -> None:
    from bot.web import serve  # as above

    await serve(settings, stop)


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


async def _clock(settings: Settings, address: store.Address, stop: asyncio.Event) -> None:
    from bot.watching import watch_from_clock  # as above
    from investigator.composition import compose

    connection, blocking = store.connect(address), store.connect_sync(address)
    async with compose(settings) as program:
        await asyncio.gather(
            clock.run(connection, Jobs(blocking), stop, clock_tasks(settings)),
            watch_from_clock(program, stop),
        )
    await connection.aclose()


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
