"""A dead man's switch elsewhere: told every minute that we are well enough, alarmed by our silence."""

from __future__ import annotations

import asyncio

import aiohttp
import structlog

log = structlog.get_logger(__name__)

EVERY_SECONDS = 60.0
ANSWER_SECONDS = 5.0


class Heartbeat:
    """A beat that fails is logged and not repeated: the next one follows."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self._last = 0.0

    async def beat(self, now: float) -> None:
        if now - self._last < EVERY_SECONDS:
            return
        self._last = now
        try:
            async with asyncio.timeout(ANSWER_SECONDS), self._session.get(self._url) as response:
                if response.status >= 300:
                    log.warning("heartbeat_refused", status=response.status)
        except (aiohttp.ClientError, OSError, ValueError) as error:  # the address in its text is a secret
            log.warning("heartbeat_failed", error=type(error).__name__)
