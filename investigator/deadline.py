"""One moment by which work must end, handed down to every outside call."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Deadline:
    """`ends` is a reading of the monotonic clock, in seconds."""

    ends: float

    @classmethod
    def after(cls, seconds: float) -> Self:
        return cls(time.monotonic() + seconds)

    def left(self) -> float:
        """Seconds until the deadline, never negative."""
        return max(0.0, self.ends - time.monotonic())
