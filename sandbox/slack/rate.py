"""Slack's strict budget for posting: about one message per second and channel, short bursts allowed."""

from __future__ import annotations

import math

from sandbox.slack.clock import MessageClock

BURST = 3.0
PER_SECOND = 1.0


class RateBudget:
    """A bucket per channel that holds `BURST` messages and refills by one a second."""

    def __init__(self, clock: MessageClock) -> None:
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait(self, channel: str) -> int:
        """Take one message; 0, or the whole seconds for `Retry-After` if there is none left."""
        now = self._clock.now()
        level, since = self._buckets.get(channel, (BURST, now))
        level = min(BURST, level + (now - since) * PER_SECOND)
        taken = level >= 1.0
        self._buckets[channel] = (level - 1.0 if taken else level, now)
        return 0 if taken else max(1, math.ceil((1.0 - level) / PER_SECOND))
