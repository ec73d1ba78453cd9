"""The roles of the program, one process each: what `pilot web`, `triage`, `worker` and `clock` run."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable

import structlog

from bot.web import serve
from investigator import clock, store, worker
from investigator.catalog import Catalog
from investigator.composition import catalog_of
from investigator.errors import ConfigurationError
from investigator.inbox_reader import InboxReader
from investigator.incidents import Incidents
from investigator.queue import Jobs
from investigator.settings import Settings
from investigator.triage_reader import TriageReader

log = structlog.get_logger()


def run_role(role: str, settings: Settings) -> None:
    """Run one role until SIGTERM or SIGINT.

    Raises:
        ConfigurationError: when it cannot work as configured.
    """
    settings.require_service_credentials()
    url = _store_url(settings)
    catalog = catalog_of(settings)
    if role == "worker":
        worker.work(store.connect_sync(url))
        return
    runs: dict[str, Callable[[asyncio.Event], Awaitable[None]]] = {
        "web": lambda stop: serve(settings, stop),
        "triage": lambda stop: _triage(url, catalog, stop),
        "clock": lambda stop: _clock(url, stop),
    }
    import uvloop

    uvloop.run(until_told_to_stop(runs[role]))


async def _triage(url: str, catalog: Catalog, stop: asyncio.Event) -> None:
    connection, blocking = store.connect(url), store.connect_sync(url)
    inbox = InboxReader(connection, f"{socket.gethostname()}-{os.getpid()}")
    await TriageReader(connection, inbox, catalog, Incidents(connection), Jobs(blocking)).run(stop)
    await connection.aclose()


async def _clock(url: str, stop: asyncio.Event) -> None:
    connection, blocking = store.connect(url), store.connect_sync(url)
    await clock.run(connection, Jobs(blocking), stop)
    await connection.aclose()


async def until_told_to_stop(run: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run with an event that SIGTERM and SIGINT set."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run(stop)


def _store_url(settings: Settings) -> str:
    if settings.redis_url is None:
        raise ConfigurationError(
            "REDIS_URL is not set: name your Redis or Valkey, or run `pilot up`, which starts one of its own"
        )
    return settings.redis_url
