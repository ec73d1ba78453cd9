"""Snapshots for everybody in a process who wants one, made at most every other second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog
from redis.asyncio import Redis

from investigator.analysis.circuits import Name
from investigator.durability import Durability
from investigator.errors import StoreUnavailable
from investigator.health.looking import look_at_flow, look_at_store
from investigator.health.snapshot import Expected, Flow, Place, Snapshot
from investigator.settings import Settings

log = structlog.get_logger(__name__)

FRESH_SECONDS = 2.0


class Observer:
    """`look_here` is for a process that is a place of its own."""

    def __init__(
        self,
        store: Redis,
        durability: Durability,
        expected: Expected,
        *,
        models: Sequence[Name] = (),
        look_here: Callable[[], Awaitable[Place]] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._durability = durability
        self._expected = expected
        self._models = models
        self._look_here = look_here
        self._clock = clock
        self._last: Snapshot | None = None
        self._looking = asyncio.Lock()

    async def snapshot(self) -> Snapshot:
        """Not older than `FRESH_SECONDS`; who comes while somebody looks gets what that one sees."""
        async with self._looking:
            if self._last is None or not 0 <= self._clock() - self._last.at < FRESH_SECONDS:
                self._last = await self._look()
            return self._last

    async def _look(self) -> Snapshot:
        now = self._clock()
        store, own = await asyncio.gather(look_at_store(self._store, self._durability), self._here())
        flow = await self._flow(now) if store.reachable else None
        return Snapshot(now, store, flow, own, self._expected)

    async def _flow(self, now: float) -> Flow | None:
        try:
            return await look_at_flow(self._store, self._models, now)
        except StoreUnavailable as error:
            log.warning("health_without_store", error=str(error))
            return None

    async def _here(self) -> Place | None:
        return await self._look_here() if self._look_here else None


def expected_of(settings: Settings, durability: Durability) -> Expected:
    """What these settings promise."""
    asks_sentry = settings.sentry_auth_token is not None
    return Expected(
        replicas=durability.replicas,
        sweep_seconds=settings.pilot_reconcile_seconds if asks_sentry else 0,
        canary_seconds=settings.pilot_canary_seconds,
        models=any(map(settings.has_provider, settings.ai_order)),
    )
