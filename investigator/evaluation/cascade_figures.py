"""Figures over what many streams of deliveries became. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from investigator.evaluation.partitions import Pairs, compare, homes
from investigator.evaluation.shares import Z95, Bucket, Share, mean, reliability, share
from investigator.models.base import Value

_UTTERLY_UNLIKELY = 0.001  # what was said to be impossible costs no more than that


class Found(Value):
    """One incident as it was made of the deliveries."""

    id: str
    opened_at: datetime
    issues: tuple[str, ...]
    ranking: tuple[tuple[str, float], ...]
    investigations: int


class Traced(Value):
    """What became of one true incident. `rank` is the place of its root, None: not listed.

    `silent`: none of its issues is of its root's service; None where no root or no service is known.
    `seconds` is from its first delivery to the opening of the incident that most of it is in.
    """

    incident: str
    issues: int
    root: str | None
    silent: bool | None = None
    found: str | None
    rank: int | None
    score: float | None  # of the first candidate
    seconds: float | None


class CascadeVerdict(Value):
    """What one stream came to. `mixed`: an incident was made of issues of several true ones."""

    id: str
    status: Literal["ok", "skipped", "error"] = "ok"
    pairs: Pairs | None = None
    f1: float | None = None
    adjusted_rand: float | None = None
    mixed: bool | None = None
    over_merged: int = 0  # pairs of true incidents of which most is in one that was made
    could_merge: int = 0  # pairs of true incidents
    investigations: int = 0
    incidents: tuple[Traced, ...] = ()
    note: str | None = None


class Average(Value):
    """A mean over streams, and its 95 % interval by the normal approximation."""

    mean: float | None
    n: int
    low: float
    high: float

    def __str__(self) -> str:
        return "–" if self.mean is None else f"{self.mean:.3f} ({self.low:.3f}–{self.high:.3f}), n = {self.n}"


class CascadeFigures(Value):
    """Roots are over true incidents with a known root; `cascade_top_1` over those of several issues,
    `silent_top_1` over those whose root sent no alert of its own. `brier` and `log_loss` are of the first
    candidate's score: 0 is perfect.
    """

    streams: int
    f1: Average
    adjusted_rand: Average
    mixed: Share
    over_merged: Share
    top_1: Share
    top_3: Share
    cascade_top_1: Share
    cascade_top_3: Share
    silent_top_1: Share
    silent_top_3: Share
    investigations_per_incident: float | None
    seconds_to_group: float | None
    calibration: tuple[Bucket, ...]
    brier: float | None
    log_loss: float | None


def judge(
    case_id: str,
    issues: Mapping[str, str],
    roots: Mapping[str, str],
    began: Mapping[str, datetime],
    found: Sequence[Found],
    *,
    services: Mapping[str, str],
) -> CascadeVerdict:
    """Compare with the truth: issue → incident, incident → root.

    `began` has each issue's first receipt, `services` the service that it is of.
    """
    placed = {issue: incident.id for incident in found for issue in incident.issues}
    pairs = compare(issues, placed)
    home = homes(issues, placed)
    names = sorted(set(issues.values()))
    several = {
        incident: {issues[i] for i in issues if placed.get(i) == incident} for incident in home.values()
    }
    couples = [(one, other) for index, one in enumerate(names) for other in names[:index]]
    return CascadeVerdict(
        id=case_id,
        pairs=pairs,
        f1=pairs.f1,
        adjusted_rand=pairs.adjusted_rand,
        mixed=any(len(each) > 1 for each in several.values()),
        over_merged=sum(one in home and home.get(one) == home.get(other) for one, other in couples),
        could_merge=len(couples),
        investigations=sum(incident.investigations for incident in found),
        incidents=tuple(
            _traced(
                name,
                {issue: services.get(issue) for issue, incident in issues.items() if incident == name},
                roots.get(name),
                began,
                {each.id: each for each in found}.get(home.get(name, "")),
            )
            for name in names
        ),
    )


def _traced(
    name: str,
    own: Mapping[str, str | None],
    root: str | None,
    began: Mapping[str, datetime],
    found: Found | None,
) -> Traced:
    """`own`: its issues, each with the service that it is of."""
    heard = {service for service in own.values() if service}
    known = [began[issue] for issue in own if issue in began]
    ranked = [node for node, _ in found.ranking] if found else []
    return Traced(
        incident=name,
        issues=len(own),
        root=root,
        silent=root not in heard if root and heard else None,
        found=found.id if found else None,
        rank=ranked.index(root) + 1 if root in ranked else None,
        score=found.ranking[0][1] if found and found.ranking else None,
        seconds=max((found.opened_at - min(known)).total_seconds(), 0.0) if found and known else None,
    )


def cascade_figures(verdicts: Sequence[CascadeVerdict]) -> CascadeFigures:
    ran = [one for one in verdicts if one.status == "ok"]
    rooted = [each for one in ran for each in one.incidents if each.root is not None]
    wide = [each for each in rooted if each.issues > 1]
    silent = [each for each in rooted if each.silent]
    forecasts = [(each.score, each.rank == 1) for each in rooted if each.score is not None]
    incidents = sum(len(one.incidents) for one in ran)
    seconds = [each.seconds for one in ran for each in one.incidents if each.seconds is not None]
    return CascadeFigures(
        streams=len(ran),
        f1=average([one.f1 for one in ran if one.f1 is not None]),
        adjusted_rand=average([one.adjusted_rand for one in ran if one.adjusted_rand is not None]),
        mixed=share(bool(one.mixed) for one in ran),
        over_merged=share(index < one.over_merged for one in ran for index in range(one.could_merge)),
        top_1=_within(rooted, 1),
        top_3=_within(rooted, 3),
        cascade_top_1=_within(wide, 1),
        cascade_top_3=_within(wide, 3),
        silent_top_1=_within(silent, 1),
        silent_top_3=_within(silent, 3),
        investigations_per_incident=sum(o.investigations for o in ran) / incidents if incidents else None,
        seconds_to_group=mean(seconds),
        calibration=reliability(forecasts),
        brier=mean([(chance - true) ** 2 for chance, true in forecasts]),
        log_loss=mean([_surprise(chance if true else 1 - chance) for chance, true in forecasts]),
    )


def average(values: Sequence[float]) -> Average:
    middle = mean(values)
    if middle is None:
        return Average(mean=None, n=0, low=0.0, high=1.0)
    spread = math.sqrt(sum((value - middle) ** 2 for value in values) / max(len(values) - 1, 1))
    half = Z95 * spread / math.sqrt(len(values))
    return Average(mean=middle, n=len(values), low=max(middle - half, 0.0), high=min(middle + half, 1.0))


def _surprise(chance: float) -> float:
    return -math.log(max(chance, _UTTERLY_UNLIKELY))


def _within(traced: Sequence[Traced], k: int) -> Share:
    return share(each.rank is not None and each.rank <= k for each in traced)
