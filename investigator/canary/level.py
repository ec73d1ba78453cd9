"""What trial webhooks say of the service: the newest one, and the share that came through. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from investigator.store import decoded

DAYS = 30
TARGET = 0.9999
LATE_SECONDS = 60.0  # who comes through later has not come through

Notes = Mapping[bytes | str, bytes | str]


@dataclass(frozen=True, slots=True)
class Canary:
    """Times are seconds since 1970, 0 for never. `first_at` is when the very first was sent; `seconds` is how
    long the newest one took.

    `sent`, `passed` and `mean` are of the last `DAYS` days; what is still under way counts as neither.
    """

    first_at: float = 0.0
    sent_at: float = 0.0
    passed_at: float = 0.0
    seconds: float = 0.0
    sent: int = 0
    passed: int = 0
    mean: float = 0.0

    @property
    def share(self) -> float | None:
        """Of those sent, how many came through in time; None before the first."""
        return self.passed / self.sent if self.sent else None

    @property
    def target_missed(self) -> bool:
        return self.share is not None and self.share < TARGET


def canary_of(newest: Notes, days: Sequence[Notes], now: float) -> Canary:
    """From what the store holds of the newest one and of each day."""
    told = {decoded(name): float(value) for name, value in newest.items()}
    sum_of = {name: sum(_number(day, name) for day in days) for name in ("sent", "passed", "ms")}
    sent_at, passed_at = told.get("sent_at", 0.0), told.get("passed_at", 0.0)
    under_way = sent_at > told.get("passed_sent_at", 0.0) and now - sent_at < LATE_SECONDS
    sent, passed = int(sum_of["sent"]) - under_way, int(sum_of["passed"])
    mean = sum_of["ms"] / passed / 1000 if passed else 0.0
    return Canary(
        first_at=told.get("first_at", 0.0),
        sent_at=sent_at,
        passed_at=passed_at,
        seconds=told.get("seconds", 0.0),
        sent=max(sent, passed),
        passed=passed,
        mean=mean,
    )


def _number(notes: Notes, name: str) -> float:
    return float(notes.get(name.encode(), 0))
