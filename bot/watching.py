"""The watch and the canary in the processes that run them: `web` and `clock`."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from investigator.composition import Program, canary_of, observer_of, watch_of
from investigator.health.looking import publish
from investigator.health.observer import Observer
from investigator.slack_recovery import keep_probing


def process_name() -> str:
    """As places and pages name this process."""
    return f"{socket.gethostname()}-{os.getpid()}"


async def watch_from_clock(program: Program, stop: asyncio.Event) -> None:
    """Watch, look out for Slack, and send trial webhooks, until `stop` is set."""
    watch = watch_of(program, observer_of(program.settings, program.store), source=process_name())
    canary = canary_of(program)
    await asyncio.gather(
        watch.run(stop), keep_probing(program, stop), *([canary.run(stop)] if canary else [])
    )


@asynccontextmanager
async def watching_from_web(program: Program, observer: Observer) -> AsyncIterator[None]:
    """Watch while the context lasts, and let the others know of this machine's disk."""

    async def tell_of_here() -> None:
        snapshot = await observer.snapshot()
        if snapshot.own and snapshot.store.reachable:
            await publish(program.store, snapshot.own)

    watch = watch_of(program, observer, source=process_name(), chores=[tell_of_here])
    watching = asyncio.create_task(watch.run(asyncio.Event()))
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
