"""Figures over the verdicts of many cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

from pydantic import Field

from investigator.evaluation.shares import Bucket, Share, mean, reliability, share
from investigator.evaluation.suspect_cases import SuspectCase
from investigator.models.base import Value
from investigator.models.evidence import Ranking


class Scored(Value):
    sha: str
    score: float
    guilty: bool


class Verdict(Value):
    """What one case came to. `rank_of_truth` is None when no guilty commit was listed, or there is none.

    `blamed` says of each baseline whether it named a guilty commit; `note` says why a case was not run.
    """

    id: str
    language: str
    kind: str
    guilty: bool  # whether a commit of the range is the cause
    status: Literal["ok", "skipped", "error"] = "ok"
    rank_of_truth: int | None = None
    top: tuple[Scored, ...] = ()
    no_code_cause: bool | None = None
    unexplained: float | None = None
    blamed: Mapping[str, bool] = Field(default_factory=dict)
    gaps: tuple[str, ...] = ()
    requests: int = 0
    seconds: float = 0.0
    note: str | None = None


class Figures(Value):
    """Ranks are over cases with a guilty commit, `no_code_cause` and calibration over all.

    `mrr` counts a commit that was not listed as 0. `precision` and `recall` are of "no code cause"; `named`
    is how often the first suspect was guilty where one was put forward. `brier` is the mean squared error of
    all listed scores and of "none of these" of a case (0 is perfect, 2 the worst).
    """

    cases: int
    top_1: Share
    top_3: Share
    top_5: Share
    mrr: float | None
    precision: Share
    recall: Share
    named: Share
    brier: float | None
    reliability: tuple[Bucket, ...]
    incomplete: Share  # cases of which some evidence could not be read
    baselines: dict[str, Share]


def verdict(case: SuspectCase, ranking: Ranking) -> Verdict:
    top = tuple(
        Scored(sha=one.commit.sha, score=one.score, guilty=case.truth.names(one.commit.sha))
        for one in ranking.suspects
    )
    return unjudged(case).model_copy(
        update={
            "rank_of_truth": next((place for place, one in enumerate(top, 1) if one.guilty), None),
            "top": top,
            "no_code_cause": ranking.no_code_cause,
            "unexplained": ranking.unexplained,
        }
    )


def unjudged(
    case: SuspectCase, status: Literal["ok", "skipped", "error"] = "ok", note: str | None = None
) -> Verdict:
    return Verdict(
        id=case.id,
        language=case.language,
        kind=case.kind,
        guilty=bool(case.truth.commits),
        status=status,
        note=note,
    )


def figures(verdicts: Iterable[Verdict]) -> Figures:
    ran = [one for one in verdicts if one.status == "ok"]
    guilty = [one for one in ran if one.guilty]
    rules = dict.fromkeys(rule for one in guilty for rule in one.blamed)
    return Figures(
        cases=len(ran),
        top_1=_within(guilty, 1),
        top_3=_within(guilty, 3),
        top_5=_within(guilty, 5),
        mrr=mean([1 / one.rank_of_truth if one.rank_of_truth else 0.0 for one in guilty]),
        precision=share(not one.guilty for one in ran if one.no_code_cause),
        recall=share(bool(one.no_code_cause) for one in ran if not one.guilty),
        named=share(one.rank_of_truth == 1 for one in ran if not one.no_code_cause),
        brier=mean([_squared_error(one) for one in ran]),
        reliability=reliability((scored.score, scored.guilty) for one in ran for scored in one.top),
        incomplete=share(bool(one.gaps) for one in ran),
        baselines={rule: share(one.blamed.get(rule, False) for one in guilty) for rule in rules},
    )


def split(verdicts: Sequence[Verdict], by: Callable[[Verdict], str]) -> dict[str, Figures]:
    names = sorted({by(one) for one in verdicts if one.status == "ok"})
    return {name: figures(one for one in verdicts if by(one) == name) for name in names}


def _within(guilty: Sequence[Verdict], k: int) -> Share:
    return share(one.rank_of_truth is not None and one.rank_of_truth <= k for one in guilty)


def _squared_error(one: Verdict) -> float:
    innocent = 0.0 if one.guilty else 1.0
    return sum((each.score - each.guilty) ** 2 for each in one.top) + ((one.unexplained or 0) - innocent) ** 2
