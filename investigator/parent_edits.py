"""Whose parent message is to be edited next: what changed for people first, counters at a bounded rate.

A storm changes hundreds of counters with every batch. Slack takes less than one edit a second, and asking for
each costs round trips to the store that the next batch would wait for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from investigator.queue import Jobs

AT_ONCE = 5  # edits asked for between two batches
COUNTERS_EVERY_SECONDS = 1.0  # of all incidents together
SAME_EVERY_SECONDS = 3.0  # of one incident
_REMEMBERED = 10_000


class ParentEdits:
    """Asks for edits through `jobs`, a few at a time, those that have waited longest first."""

    def __init__(self, jobs: Jobs, clock: Callable[[], float] = time.monotonic) -> None:
        self._jobs = jobs
        self._clock = clock
        self._changed: dict[str, None] = {}  # dictionaries keep the order of asking
        self._counted: dict[str, None] = {}
        self._edited_at: dict[str, float] = {}
        self._counters_at = 0.0

    def changed(self, incident_id: str) -> None:
        """Its parent says something else now: it opened again, was resolved, got a member."""
        self._changed.setdefault(incident_id)

    def counted(self, incident_ids: Iterable[str]) -> None:
        """Only numbers in their parents are different."""
        for incident_id in incident_ids:
            self._counted.setdefault(incident_id)

    async def ask(self) -> None:
        """Ask for what is due; what does not fit into this turn waits for the next."""
        now = self._clock()
        for incident_id in self._due(self._changed, AT_ONCE, now):
            await self._ask(incident_id, self._changed, now)
        if now - self._counters_at >= COUNTERS_EVERY_SECONDS:
            for incident_id in self._due(self._counted, 1, now):
                self._counters_at = now
                await self._ask(incident_id, self._counted, now)
        if len(self._edited_at) > _REMEMBERED:
            self._edited_at = {i: t for i, t in self._edited_at.items() if now - t < SAME_EVERY_SECONDS}

    def _due(self, waiting: Iterable[str], most: int, now: float) -> list[str]:
        due: list[str] = []
        for incident_id in waiting:
            if len(due) == most:
                break
            if now - self._edited_at.get(incident_id, -SAME_EVERY_SECONDS) >= SAME_EVERY_SECONDS:
                due.append(incident_id)
        return due

    async def _ask(self, incident_id: str, waiting: dict[str, None], now: float) -> None:
        self._edited_at[incident_id] = now
        # While an edit is under way this is refused, and asked again: it may have begun before our news.
        if await self._jobs.refresh(incident_id):
            waiting.pop(incident_id, None)
