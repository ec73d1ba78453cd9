"""Whether quality really changed: the recent interval no longer holds what was usual before. Pure."""

from __future__ import annotations

from collections.abc import Callable

from investigator.evaluation.shares import Share
from investigator.models.base import Value
from investigator.quality.figures import Figures

LEAST = 20  # cases; with fewer the interval is wide enough to hold anything

_WATCHED: dict[str, Callable[[Figures], Share]] = {
    "analyses available": lambda figures: figures.available,
    "claims grounded": lambda figures: figures.grounded,
    "within budget": lambda figures: figures.within_budget,
    "named cause right": lambda figures: figures.right,
}


class Drift(Value):
    """`what` got worse or better: `recent` against the share that was `usual`."""

    what: str
    recent: Share
    usual: float
    worse: bool


def drifts(recent: Figures, usual: Figures) -> tuple[Drift, ...]:
    """What is different now; more is better in everything that is watched."""
    found = []
    for what, of in _WATCHED.items():
        now, before = of(recent), of(usual)
        if now.n < LEAST or before.n < LEAST or before.share is None:
            continue
        if not now.low <= before.share <= now.high:
            found.append(Drift(what=what, recent=now, usual=before.share, worse=now.high < before.share))
    return tuple(found)
