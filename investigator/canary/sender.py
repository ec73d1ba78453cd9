"""Sends the trial webhooks, on the clock. Several clocks may run: each moment's is sent once."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import structlog
from redis.asyncio import Redis

from investigator import keys
from investigator.canary.ledger import Ledger
from investigator.canary.trial import headers, trial
from investigator.errors import StoreUnavailable
from investigator.store import as_unavailable

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 5.0
LOOK_SECONDS = 1.0
START_SECONDS = 15.0
MOST_UNTOLD = 1_000


class CanarySender:
    """To `url`, signed with `secret`, every so many seconds."""

    def __init__(
        self, store: Redis, session: aiohttp.ClientSession, *, url: str, secret: str, every: int
    ) -> None:
        self._store = store
        self._session = session
        self._url = url
        self._secret = secret
        self._every = every
        self._ledger = Ledger(store)
        self._untold: list[float] = []  # sent while the store was away
        self._slot = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; not at once, as what starts together with the clock is not there yet."""
        pause = START_SECONDS
        while not stop.is_set():
            try:
                async with asyncio.timeout(pause):
                    await stop.wait()
            except TimeoutError:
                await self.tick(time.time())
            pause = LOOK_SECONDS

    async def tick(self, now: float) -> bool:
        """Send the one that is due; whether one was."""
        slot = int(now // self._every)
        if slot == self._slot:
            return False
        self._slot = slot
        if not await self._is_ours(slot):
            return False
        await self._note(now)
        await self._send(now)
        return True

    async def _is_ours(self, slot: int) -> bool:
        """While the store is away every clock sends its own: that intake goes on is what is measured then."""
        try:
            with as_unavailable():
                key = keys.clock("canary", slot)
                return bool(await self._store.set(key, "1", nx=True, ex=2 * self._every))
        except StoreUnavailable:
            return True

    async def _note(self, now: float) -> None:
        self._untold = [*self._untold, now][-MOST_UNTOLD:]
        try:
            with as_unavailable():
                while self._untold:
                    await self._ledger.sent(self._untold[0])
                    del self._untold[0]
        except StoreUnavailable as error:
            log.info("canary_noted_later", count=len(self._untold), error=str(error))

    async def _send(self, now: float) -> None:
        body = trial(now)
        try:
            async with (
                asyncio.timeout(ANSWER_SECONDS),
                self._session.post(self._url, data=body, headers=headers(body, self._secret)) as answer,
            ):
                if answer.status != 200:
                    log.warning("canary_not_sent", status=answer.status)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            log.warning("canary_not_sent", error=f"{type(error).__name__}: {error}")
