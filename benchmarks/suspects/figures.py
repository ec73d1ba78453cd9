"""Figures of an evaluation, with n and Wilson intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from investigator.models.evidence import Ranking

Z95 = 1.96


@dataclass(frozen=True)
class Outcome:
    """What one case came to. `place` is the rank of the true commit; None: not listed, or there is none."""

    case: str
    guilty: bool  # whether a commit of the range is the cause
    place: int | None
    no_code_cause: bool
    brier: float
    milliseconds: float
    blamed: dict[str, bool] = field(default_factory=dict)  # baseline → whether it named the true commit


def outcome(
    case: str, truth: frozenset[str], ranking: Ranking, *, milliseconds: float, blamed: dict[str, bool]
) -> Outcome:
    place = next((one.rank for one in ranking.suspects if one.commit.sha in truth), None)
    missed = (
        sum((one.score - (one.commit.sha in truth)) ** 2 for one in ranking.suspects)
        + (ranking.unexplained - (not truth)) ** 2
    )
    return Outcome(case, bool(truth), place, ranking.no_code_cause, missed, milliseconds, blamed)


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share."""
    if n == 0:
        return 0.0, 1.0
    share = hits / n
    middle = share + Z95**2 / (2 * n)
    spread = Z95 * math.sqrt(share * (1 - share) / n + Z95**2 / (4 * n * n))
    return max((middle - spread) / (1 + Z95**2 / n), 0.0), min((middle + spread) / (1 + Z95**2 / n), 1.0)


def share(hits: int, n: int) -> str:
    low, high = wilson(hits, n)
    return f"{100 * hits / n:.0f} % ({100 * low:.0f}–{100 * high:.0f})" if n else "–"


def rows(outcomes: Sequence[Outcome]) -> list[tuple[str, str]]:
    """(figure, value) rows; ranks over cases with a cause, decisions and calibration over all."""
    guilty = [one for one in outcomes if one.guilty]
    silent = [one for one in outcomes if one.no_code_cause]
    found = [("cases with a cause / without", f"{len(guilty)} / {len(outcomes) - len(guilty)}")]
    for k in (1, 3, 5):
        found.append((f"top-{k}", share(sum((one.place or 99) <= k for one in guilty), len(guilty))))
    reciprocal = sum(1 / one.place for one in guilty if one.place)
    found.append(("mean reciprocal rank", f"{reciprocal / max(len(guilty), 1):.2f}"))
    innocent = [one for one in outcomes if not one.guilty]
    right = sum(one.no_code_cause for one in innocent)
    found.append(("no code cause: precision", share(right, len(silent))))
    found.append(("no code cause: recall", share(right, len(innocent))))
    found.append(("Brier score", f"{sum(one.brier for one in outcomes) / max(len(outcomes), 1):.3f}"))
    for name in guilty[0].blamed if guilty else ():
        hits = sum(one.blamed[name] for one in guilty)
        found.append((f"baseline, top-1: {name}", share(hits, len(guilty))))
    found.append(("slowest ranking", f"{max((one.milliseconds for one in outcomes), default=0):.0f} ms"))
    return found
