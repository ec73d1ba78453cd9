"""Shares and means with what is needed to judge them: n, and a 95 % interval."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from investigator.models.base import Value

Z95 = 1.959964
BUCKETS = 10


class Share(Value):
    """`hits` of `n`; `low` and `high` are the 95 % Wilson interval. `share` is None when n is 0."""

    hits: int
    n: int
    share: float | None
    low: float
    high: float

    def __str__(self) -> str:
        if self.share is None:
            return "–"
        return f"{100 * self.share:.0f} % ({100 * self.low:.0f}–{100 * self.high:.0f}), n = {self.n}"


class Bucket(Value):
    """Forecasts between `low` and `high`: how likely they said it was, and how often it was so."""

    low: float
    high: float
    mean_forecast: float
    came_true: Share


def share(outcomes: Iterable[bool]) -> Share:
    found = list(outcomes)
    hits, n = sum(found), len(found)
    low, high = wilson(hits, n)
    return Share(hits=hits, n=n, share=hits / n if n else None, low=low, high=high)


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share; (0, 1) when nothing was counted."""
    if n == 0:
        return 0.0, 1.0
    square = Z95 * Z95
    middle = (hits + square / 2) / (n + square)
    spread = Z95 / (n + square) * math.sqrt(hits * (n - hits) / n + square / 4)
    return max(middle - spread, 0.0), min(middle + spread, 1.0)


def mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def reliability(forecasts: Iterable[tuple[float, bool]]) -> tuple[Bucket, ...]:
    """Forecasts (probability, whether it came true) in ten buckets of equal width, without empty ones."""
    buckets: dict[int, list[tuple[float, bool]]] = {}
    for chance, true in forecasts:
        buckets.setdefault(min(int(chance * BUCKETS), BUCKETS - 1), []).append((chance, true))
    return tuple(
        Bucket(
            low=index / BUCKETS,
            high=(index + 1) / BUCKETS,
            mean_forecast=sum(chance for chance, _ in found) / len(found),
            came_true=share(true for _, true in found),
        )
        for index, found in sorted(buckets.items())
    )
