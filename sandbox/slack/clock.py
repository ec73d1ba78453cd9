"""Slack's message time: unique, ordered, seconds with six digits."""

from __future__ import annotations

from collections.abc import Callable


class MessageClock:
    """Makes `"1732428000.000100"`: the second from the wall clock, the rest a counter within it."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._second = 0
        self._count = 0

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._now()

    def next_ts(self) -> str:
        """A `ts` later than every one before, even if the wall clock was set back."""
        second = int(self._now())
        if second > self._second:
            self._second, self._count = second, 0
        self._count += 1
        return f"{self._second}.{self._count * 100:06d}"
