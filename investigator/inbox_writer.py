"""Writing to the inbox stream so that it holds: confirmed by as many servers as configured."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import redis
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from investigator import keys
from investigator.delivery_codec import Fields, flat
from investigator.durability import Durability
from investigator.errors import StoreUnavailable


class InboxWriter:
    """One pipeline per batch: its XADDs, then what confirms them. Never repeats by itself."""

    def __init__(self, store: Redis, durability: Durability) -> None:
        self._store = store
        self._replicas = durability.replicas

    async def write(self, deliveries: Sequence[Fields], seconds: float) -> None:
        """Append in order; every delivery is durable as configured when this returns.

        Raises:
            StoreUnavailable: that was not confirmed within `seconds`. All or none may be in the stream.
        """
        try:
            async with asyncio.timeout(seconds), self._store.pipeline(transaction=False) as pipe:
                _queue_appends(pipe, deliveries)
                if self._replicas:
                    self._queue_confirmation(pipe, seconds)
                answers = await pipe.execute(raise_on_error=False)
        except (redis.RedisError, OSError, TimeoutError) as error:
            raise StoreUnavailable(f"no answer to a write: {str(error) or type(error).__name__}") from error
        appended = answers[: len(deliveries) + 2]
        _require_taken(appended)
        _require_taken(appended[-1])
        if self._replicas:
            self._require_confirmed(*answers[-2:])

    def _queue_confirmation(self, pipe: Pipeline, seconds: float) -> None:
        """WAITAOF alone asks replicas once, before they fsynced, and then waits up to a second for their next
        report (measured); after WAIT it asks again and has its answer within 10 ms.
        """
        # A quarter of the time for each: the server may take a tick of 100 ms between them.
        each = max(1, int(seconds * 250))  # milliseconds
        pipe.execute_command("WAIT", self._replicas, each)
        pipe.execute_command("WAITAOF", 1, self._replicas, each)

    def _require_confirmed(self, received: object, synced: object) -> None:
        """`received`: how many replicas have it. `synced`: [fsynced here, on how many replicas]."""
        if isinstance(synced, redis.ResponseError) and "unknown command" in str(synced):
            synced = [1, received]  # Redis before 7.2 can tell no more; docs say what that is worth
        _require_taken([received, synced])
        here, confirmed = synced if isinstance(synced, list) else (0, 0)
        if here < 1 or confirmed < self._replicas:
            raise StoreUnavailable(
                f"{confirmed} of {self._replicas} replicas confirmed a write in time: check the replicas, "
                "or set PILOT_DURABILITY to what there is"
            )


def _queue_appends(pipe: Pipeline, deliveries: Sequence[Fields]) -> None:
    """As one transaction, which costs one fsync: the server fsyncs after each read of its socket otherwise,
    and one read is less than one large body.
    """
    pipe.execute_command("MULTI")
    for fields in deliveries:
        pipe.execute_command("XADD", keys.INBOX, "*", *flat(fields))
    pipe.execute_command("EXEC")


def _require_taken(answers: Sequence[object]) -> None:
    refused = next((answer for answer in answers if isinstance(answer, Exception)), None)
    if refused is not None:
        raise StoreUnavailable(f"a write was refused: {refused}") from refused
