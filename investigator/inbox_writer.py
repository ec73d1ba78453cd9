"""Writing to the inbox stream so that it holds: confirmed by as many servers as configured."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import redis
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from investigator import keys
from investigator.confirmation import confirm, queue_confirmation, require_confirmed, require_taken
from investigator.delivery_codec import Fields, flat
from investigator.durability import Durability
from investigator.errors import StoreUnavailable


class InboxWriter:
    """One pipeline per batch: its XADDs, then what confirms them. Never repeats by itself."""

    def __init__(self, store: Redis, durability: Durability) -> None:
        self._store = store
        self._durability = durability

    async def try_out(self, seconds: float) -> None:
        """See that what is written now would be confirmed; nothing is appended.

        Raises:
            StoreUnavailable: it would not, or not within `seconds`.
        """
        await confirm(self._store, self._durability, seconds)

    async def write(self, deliveries: Sequence[Fields], seconds: float) -> None:
        """Append in order; every delivery is durable as configured when this returns.

        Raises:
            StoreUnavailable: that was not confirmed within `seconds`. All or none may be in the stream.
        """
        replicated = self._durability.replicas > 0
        try:
            async with asyncio.timeout(seconds), self._store.pipeline(transaction=False) as pipe:
                _queue_appends(pipe, deliveries)
                if replicated:
                    queue_confirmation(pipe, self._durability, seconds)
                answers = await pipe.execute(raise_on_error=False)
        except (redis.RedisError, OSError, TimeoutError) as error:
            raise StoreUnavailable(f"no answer to a write: {str(error) or type(error).__name__}") from error
        appended = answers[: len(deliveries) + 2]
        require_taken(*appended)
        require_taken(*appended[-1])
        if replicated:
            require_confirmed(self._durability, *answers[-2:])


def _queue_appends(pipe: Pipeline, deliveries: Sequence[Fields]) -> None:
    """As one transaction, which costs one fsync: the server fsyncs after each read of its socket otherwise,
    and one read is less than one large body.
    """
    pipe.execute_command("MULTI")
    for fields in deliveries:
        pipe.execute_command("XADD", keys.INBOX, "*", *flat(fields))
    pipe.execute_command("EXEC")
