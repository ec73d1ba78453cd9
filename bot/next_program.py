"""What a process goes on with when its settings have changed."""

from __future__ import annotations

from contextlib import AsyncExitStack

import structlog

from investigator.composition import Program, compose
from investigator.errors import ConfigurationError
from investigator.live_settings import LiveSettings

log = structlog.get_logger()


async def next_program(live: LiveSettings) -> tuple[Program, AsyncExitStack]:
    """A program of the next settings that one can be made of, and what closes its clients."""
    while True:
        settings = await live.change()
        clients = AsyncExitStack()
        try:
            return await clients.enter_async_context(compose(settings)), clients
        except ConfigurationError as error:
            live.problem = str(error)
            log.warning("settings_refused", error=live.problem, meaning="the present ones stay in use")
