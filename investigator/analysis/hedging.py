"""After how many seconds a second model is asked beside a first one that has not answered. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from investigator.models.analysis import Attempt

REMEMBERED = 100  # answers of one model
LEAST_ANSWERS = 20

Hedge = float | Literal["p95"] | None


def after(hedge: Hedge, answered: Sequence[float]) -> float | None:
    """Seconds; None: only when the first has failed.

    Args:
        hedge: so many, or slower than 95 % of what it `answered` in (seconds, its last answers). Of too few
            answers nothing is concluded.
    """
    if hedge != "p95":
        return hedge
    if len(answered) < LEAST_ANSWERS:
        return None
    return sorted(answered)[math.ceil(0.95 * len(answered)) - 1]


def timed(attempts: Sequence[Attempt]) -> tuple[Attempt, ...]:
    """Those whose seconds tell how long the model takes: answers, and of what was given up the longest wait.

    Without that the slow ones would never count, and 95 % would be of ever less.
    """
    given_up = [one for one in attempts if one.outcome in {"timeout", "cancelled"}]
    longest = max(given_up, key=lambda one: one.seconds, default=None)
    return tuple(one for one in attempts if one.outcome == "ok" or one is longest)
