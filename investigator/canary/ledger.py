"""What became of trial webhooks, in the store: the newest one, and sums of each day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from redis.asyncio import Redis

from investigator import keys
from investigator.canary.level import DAYS, LATE_SECONDS, Canary, canary_of
from investigator.histograms import CANARY_SECONDS

KEPT_SECONDS = (DAYS + 5) * 24 * 3600


class Ledger:
    """Raises redis errors as they come."""

    def __init__(self, store: Redis) -> None:
        self._store = store

    async def sent(self, sent_at: float) -> None:
        async with self._store.pipeline(transaction=True) as pipe:
            pipe.hset(keys.CANARY, "sent_at", str(sent_at))
            pipe.hsetnx(keys.CANARY, "first_at", str(sent_at))
            pipe.hincrby(_day(sent_at), "sent", 1)
            pipe.expire(_day(sent_at), KEPT_SECONDS)
            await pipe.execute()

    async def passed(self, sent_at: float, now: float) -> None:
        """The one sent then has come through; a second telling of the same changes nothing."""
        if not await self._store.set(keys.canary_passed(sent_at), "1", nx=True, ex=24 * 3600):
            return
        seconds = max(0.0, now - sent_at)
        notes = {"passed_at": str(now), "passed_sent_at": str(sent_at), "seconds": str(seconds)}
        async with self._store.pipeline(transaction=True) as pipe:
            for name, value in notes.items():
                pipe.hset(keys.CANARY, name, value)
            if seconds <= LATE_SECONDS:
                pipe.hincrby(_day(sent_at), "passed", 1)
                pipe.hincrby(_day(sent_at), "ms", int(seconds * 1000))
            await pipe.execute()
        await CANARY_SECONDS.observe(self._store, seconds)

    async def read(self, now: float) -> Canary:
        today = datetime.fromtimestamp(now, UTC)
        async with self._store.pipeline(transaction=False) as pipe:
            pipe.hgetall(keys.CANARY)
            for back in range(DAYS):
                pipe.hgetall(_day((today - timedelta(days=back)).timestamp()))
            newest, *days = await pipe.execute()
        return canary_of(newest, days, now)


def _day(at: float) -> str:
    return keys.canary_day(datetime.fromtimestamp(at, UTC).date().isoformat())
