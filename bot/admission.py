"""Whose turn it is when more arrives than one process can work on."""

from __future__ import annotations

import asyncio
import time

AT_ONCE = 32
MOST_WAITING = 128
WAIT_SECONDS = 0.1  # while turns come later than this, the line does not grow
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
        wait: float = WAIT_SECONDS,
    ) -> None:
        self._at_once = at_once
        self._turns = asyncio.Semaphore(at_once)
        self._most_waiting = most_waiting
        self._patience = patience
        self._wait = wait
        self._waiting = 0
        self._waited = 0.0  # by the one whose turn came last, while others wait

    @property
    def is_full(self) -> bool:
        """Whether to refuse without even reading: saying no must cost far less than working.

        A burst may wait, as long as the line moves: how long a line is too long depends on what else the
        machine does, how late turns come does not.
        """
        late = self._waited > self._wait and self._waiting >= self._at_once
        return late or self._waiting >= self._most_waiting

    async def turn(self) -> bool:
        """Wait for one's turn; False when it came after `patience` seconds, too late to begin."""
        asked = time.monotonic()
        self._waiting += 1
        try:
            async with self._turns:
                await asyncio.sleep(0)  # the others of this round first, then whatever is ready to be read
        finally:
            self._waiting -= 1
            waited = time.monotonic() - asked
            self._waited = waited if self._waiting else 0.0
        return waited <= self._patience
