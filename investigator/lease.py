"""Who is the one active reader: a lease in the store, and the fence that stops a reader who lost it."""

from __future__ import annotations

import uuid

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from investigator.store import begin

LEASE_MS = 3000

# Extends the lease only while it is still ours; one round trip, no gap between looking and extending.
_EXTEND = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
"""


class LeaseLost(Exception):
    """Another reader holds the lease now; nothing more may be written."""


class Lease:
    """A lease called `name`. A holder that dies loses it after `ms`."""

    def __init__(self, store: Redis, name: str, *, ms: int = LEASE_MS) -> None:
        self._store = store
        self._name = name
        self._ms = ms
        self._token = uuid.uuid4().hex.encode()
        self._extend = store.register_script(_EXTEND)

    async def hold(self) -> bool:
        """Take the lease or extend it. False when another holds it."""
        if await self._extend(keys=[self._name], args=[self._token, self._ms]):
            return True
        return bool(await self._store.set(self._name, self._token, nx=True, px=self._ms))

    async def fence(self, pipe: Pipeline) -> None:
        """Make a watched transaction fail if the lease changes hands before it is executed.

        Raises:
            LeaseLost: when it has changed hands already.
        """
        await pipe.watch(self._name)
        if await pipe.get(self._name) != self._token:
            raise LeaseLost

    async def release(self) -> None:
        async with self._store.pipeline(transaction=True) as pipe:
            await pipe.watch(self._name)
            if await pipe.get(self._name) == self._token:
                begin(pipe)
                pipe.delete(self._name)
                await pipe.execute()
