"""Whose turn it is when more arrives than one process can work on."""

from __future__ import annotations

import asyncio
import time

AT_ONCE = 32
MOST_WAITING = 128
FEW_WAITING = 48  # while more arrives than can be worked on
STRICT_SECONDS = 1.0
PATIENCE_SECONDS = 0.3  # with the store's and the disk's budgets an answer stays under Sentry's second


class Admission:
    """Lets so many deliveries be worked on in one round of the event loop, in the order they came.

    If all were that arrived at once, no answer of the store would be read meanwhile, and its time would be up
    through no fault of its own: what was stored would go to the spool as well, and all would be late.
    """

    def __init__(
        self,
        at_once: int = AT_ONCE,
        most_waiting: int = MOST_WAITING,
        patience: float = PATIENCE_SECONDS,
        few_waiting: int = FEW_WAITING,
    ) -> None:
        self._turns = asyncio.Semaphore(at_once)
        self._most_waiting = most_waiting
        self._few_waiting = few_waiting
        self._patience = patience
        self._waiting = 0
        self._strict_until = 0.0

    @property
    def is_full(self) -> bool:
        """Whether to refuse without even reading: saying no must cost far less than working.

        A burst may wait. Once it was too much, and for a second after, only a few may: a long line would
        only make everybody late.
        """
        now = time.monotonic()
        full = self._waiting >= (self._few_waiting if now < self._strict_until else self._most_waiting)
        if full:
            self._strict_until = now + STRICT_SECONDS
        return full

    async def turn(self) -> bool:
        """Wait for one's turn; False when it came after `patience` seconds, too late to begin."""
        asked = time.monotonic()
        self._waiting += 1
        try:
            async with self._turns:
                await asyncio.sleep(0)  # the others of this round first, then whatever is ready to be read
        finally:
            self._waiting -= 1
        return time.monotonic() - asked <= self._patience
