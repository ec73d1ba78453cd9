"""The inbox: a delivery is durable before `append` returns, whatever state the store is in.

Concurrent deliveries share one round trip to the store (group commit). A store that is slow or gone costs
its budget once; then deliveries go to the local spool, from where they follow when it is back.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import structlog

from investigator.delivery import Delivery
from investigator.delivery_codec import Fields, encode
from investigator.errors import PilotError, StoreUnavailable
from investigator.inbox_writer import InboxWriter
from investigator.metrics import SPOOL_DELIVERIES
from investigator.spool import Spool, Spooled, SpoolUnavailable

Outcome = Literal["stored", "spooled"]

ANSWER_SECONDS = 0.9  # Sentry hangs up after one
DOWN_SECONDS = 1.0  # after a failed write the store is left alone this long
SPOOL_AT_SECONDS = 0.7  # so long after its arrival a delivery must be on its way to the spool
LEAST_STORE_SECONDS = 0.1  # what the store gets even when a batch waited too long for its turn
BATCHES_IN_FLIGHT = 4  # some are packed while others are on their way
BATCH_DELIVERIES = 256
BATCH_BYTES = 4 * 1024 * 1024
DRAIN_DELIVERIES = 64
DRAIN_SECONDS = 5.0
BAD_DISK_PAUSES = 30

log = structlog.get_logger(__name__)


class InboxFull(PilotError):
    """More arrives than can be made durable in time; the sender should come back later."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    fields: Fields
    since: float  # loop time, seconds
    outcome: asyncio.Future[Outcome]

    @property
    def size(self) -> int:
        return len(self.fields[b"body"]) + len(self.fields[b"headers"])


class Inbox:
    """The writing side. `budget` (seconds) is what the store may take before the spool is used instead."""

    def __init__(
        self,
        writer: InboxWriter,
        spool: Spool,
        *,
        budget: float = 0.4,
        max_waiting: int = 1000,
        max_waiting_bytes: int = 64 * 1024 * 1024,
    ) -> None:
        self._writer = writer
        self._spool = spool
        self._budget = budget
        self._max_waiting = max_waiting
        self._max_waiting_bytes = max_waiting_bytes
        self._waiting: deque[_Waiting] = deque()
        self._waiting_bytes = 0
        self._flushes: set[asyncio.Task[None]] = set()
        self._down_until = 0.0
        self._drained_at_once = DRAIN_DELIVERIES

    async def append(self, delivery: Delivery, waited: float = 0.0) -> Outcome:
        """Where the delivery is durable now. `waited` (seconds) is what its sender has waited for us already.

        Raises:
            InboxFull: too many wait already, or nothing confirmed it in time (it may be kept all the same).
            SpoolUnavailable: the store did not take it and the disk did not either.
        """
        loop = asyncio.get_running_loop()
        item = _Waiting(encode(delivery), loop.time() - waited, loop.create_future())
        if (
            len(self._waiting) >= self._max_waiting
            or self._waiting_bytes + item.size > self._max_waiting_bytes
        ):
            raise InboxFull(f"{len(self._waiting)} deliveries wait to be stored: send this one again later")
        self._waiting.append(item)
        self._waiting_bytes += item.size
        if len(self._flushes) < BATCHES_IN_FLIGHT:
            flush = asyncio.create_task(self._flush())
            self._flushes.add(flush)
            flush.add_done_callback(self._flushes.discard)
        late = loop.call_later(ANSWER_SECONDS - waited, _give_up, item.outcome)
        try:
            return await item.outcome
        finally:
            late.cancel()

    async def drain(self) -> int:
        """Move what was spooled to the store, in order; how many. Leaves it to whoever is already at it.

        A delivery leaves the spool only after the store confirmed it: one that was interrupted in between
        comes twice, and its identity makes it one. A store that takes writes and confirms none must not get
        them again with every drain: it is asked first, and what was too much for it comes in smaller parts.

        Raises:
            StoreUnavailable: the store is still away; the rest stays in the spool.
            SpoolUnavailable: the disk does not work.
        """
        moved = 0
        async with self._spool.draining() as mine:
            while mine and (batch := await self._spool.oldest(self._drained_at_once)):
                if not moved:
                    await self._writer.try_out(DRAIN_SECONDS)
                await self._move(batch)
                moved += len(batch)
        return moved

    async def _move(self, batch: Sequence[Spooled]) -> None:
        try:
            await self._writer.write([spooled.fields for spooled in batch], DRAIN_SECONDS)
        except StoreUnavailable:
            self._drained_at_once = max(1, len(batch) // 4)
            raise
        self._drained_at_once = min(DRAIN_DELIVERIES, 2 * self._drained_at_once)
        self._down_until = 0.0
        await self._spool.remove([spooled.place for spooled in batch])

    async def keep_drained(self, every: float = 1.0) -> None:
        """Drain whenever there is something to drain; runs until cancelled. `every` is in seconds."""
        while True:
            pause = every
            try:
                if moved := await self.drain():
                    log.info("spool_drained", deliveries=moved)
                SPOOL_DELIVERIES.set(await self._spool.count())
            except StoreUnavailable as error:
                log.warning("spool_not_drained", reason=str(error))
            except SpoolUnavailable as error:
                log.warning("spool_not_drained", reason=str(error))
                pause *= BAD_DISK_PAUSES  # what cannot be removed is sent again with every drain
            await asyncio.sleep(pause)

    async def close(self) -> None:
        """Let what waits become durable. New deliveries must have stopped."""
        await asyncio.gather(*self._flushes)

    async def _flush(self) -> None:
        while batch := self._take():
            try:
                outcome = await self._keep([item.fields for item in batch], batch[0].since)
            except SpoolUnavailable as error:
                for item in _still_waiting(batch):
                    item.outcome.set_exception(error)
            else:
                for item in _still_waiting(batch):
                    item.outcome.set_result(outcome)

    def _take(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        size = 0
        while self._waiting and len(batch) < BATCH_DELIVERIES and size < BATCH_BYTES:
            item = self._waiting.popleft()
            self._waiting_bytes -= item.size
            if not item.outcome.done():  # else its sender was told to come back
                size += item.size
                batch.append(item)
        return batch

    async def _keep(self, deliveries: list[Fields], since: float) -> Outcome:
        loop = asyncio.get_running_loop()
        if loop.time() >= self._down_until:
            left = max(LEAST_STORE_SECONDS, since + SPOOL_AT_SECONDS - loop.time())
            try:
                await self._writer.write(deliveries, min(self._budget, left))
            except StoreUnavailable as error:
                self._down_until = loop.time() + DOWN_SECONDS
                log.warning("store_write_failed", deliveries=len(deliveries), reason=str(error))
            else:
                return "stored"
        await self._spool.append(deliveries)
        SPOOL_DELIVERIES.inc(len(deliveries))
        return "spooled"


def _give_up(outcome: asyncio.Future[Outcome]) -> None:
    if not outcome.done():
        outcome.set_exception(InboxFull(f"not durable within {ANSWER_SECONDS} s: send this one again later"))


def _still_waiting(batch: list[_Waiting]) -> list[_Waiting]:
    return [item for item in batch if not item.outcome.done()]
