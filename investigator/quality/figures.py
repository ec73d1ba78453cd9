"""Figures of quality over a time, each with n and an interval. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from investigator.evaluation.shares import Bucket, Share, mean, reliability, share
from investigator.models.base import Value
from investigator.quality.records import Journal, RunRecord
from investigator.quality.truth import RIGHT, Grade, grade_of, grades

SURE = 0.7  # a confidence that people act on
NOT_USABLE = frozenset({"invalid", "refused", "truncated", "bad_answer", "ungrounded"})
FIX_STEPS = ("fix_offered", "fix_opened", "fix_merged", "fix_closed", "fix_reverted")


class Fixes(Value):
    """Pull requests proposed, and how far they came."""

    offered: int
    opened: int
    merged: int
    closed: int
    reverted: int


class Figures(Value):
    """Of one group of runs. Seconds, dollars; `brier` is the mean squared error of what was shown,
    `brier_said` of the same verdicts as the models had said them, before caps and calibration.

    `sure_and_wrong` is the share of the verdicts said with confidence that were graded wrong, or only the
    right area. `agrees`: the analysis blames the commit that our own ranking names.
    """

    runs: int
    available: Share
    unavailable_by: Mapping[str, int]
    fell_back: Share
    within_budget: Share
    seconds_p50: float | None
    seconds_p95: float | None
    grounded: Share
    unusable: Share
    right: Share
    bullseye: Share
    grades: Mapping[str, int]
    brier: float | None
    brier_said: float | None
    reliability: tuple[Bucket, ...]
    sure_and_wrong: Share
    agrees: Share
    dollars: float | None
    dollars_each: float | None


class Quality(Value):
    """Everything together, and by each of several distinctions."""

    all: Figures
    by_model: Mapping[str, Figures]
    by_prompt: Mapping[str, Figures]
    by_language: Mapping[str, Figures]
    by_service: Mapping[str, Figures]
    fixes: Fixes
    roots: Share  # of the cascades whose root a person judged: was it the one we had named?


def quality(journal: Journal) -> Quality:
    known = grades(journal.said)
    runs = journal.runs

    def by(name: Callable[[RunRecord], str]) -> dict[str, Figures]:
        groups: dict[str, list[RunRecord]] = {}
        for run in runs:
            groups.setdefault(name(run) or "none", []).append(run)
        return {key: figures(groups[key], known) for key in sorted(groups)}

    counted = Counter(one.kind for one in journal.said)
    return Quality(
        all=figures(runs, known),
        by_model=by(lambda run: f"{run.provider}/{run.model}" if run.answered else ""),
        by_prompt=by(lambda run: run.prompt),
        by_language=by(lambda run: run.language),
        by_service=by(lambda run: run.service),
        fixes=Fixes(**{step.removeprefix("fix_"): counted[step] for step in FIX_STEPS}),
        roots=share(
            one.kind == "root_confirmed"
            for one in journal.said
            if one.kind in {"root_confirmed", "root_corrected"}
        ),
    )


def figures(runs: Sequence[RunRecord], known: Mapping[tuple[str, int], Grade]) -> Figures:
    answered = [run for run in runs if run.answered]
    graded = [(run, grade) for run in runs if (grade := grade_of(known, run.incident, run.run))]
    shown = _forecasts(graded, lambda run: run.confidence)
    sure = [true for chance, true in shown if chance >= SURE]
    spent = [run.dollars for run in runs if run.dollars is not None]
    seconds = sorted(run.seconds for run in runs if run.asked)
    return Figures(
        runs=len(runs),
        available=share(run.answered for run in runs if run.unavailable != "disabled"),
        unavailable_by=dict(Counter(run.unavailable for run in runs if run.unavailable).most_common()),
        fell_back=share(run.fell_back for run in answered),
        within_budget=share(run.seconds <= run.budget for run in runs if run.asked),
        seconds_p50=_quantile(seconds, 0.5),
        seconds_p95=_quantile(seconds, 0.95),
        grounded=Share(**_grounded(answered)),
        unusable=share(each.outcome in NOT_USABLE for run in runs for each in run.asked),
        right=share(grade in RIGHT for _, grade in graded),
        bullseye=share(grade == "bullseye" for _, grade in graded),
        grades=dict(Counter(grade for _, grade in graded)),
        brier=_brier(shown),
        brier_said=_brier(_forecasts(graded, lambda run: run.as_said)),
        reliability=reliability(shown),
        sure_and_wrong=share(not true for true in sure),
        agrees=share(run.blamed == run.suspect for run in answered),
        dollars=sum(spent) if spent else None,
        dollars_each=mean(spent),
    )


def _forecasts(
    graded: Sequence[tuple[RunRecord, Grade]], of_analysis: Callable[[RunRecord], float | None]
) -> list[tuple[float, bool]]:
    """How sure those were that people judged (the analysis, else the ranking), and whether it was so."""
    found = []
    for run, grade in graded:
        sure = of_analysis(run)
        if (chance := run.probability if sure is None else sure) is not None:
            found.append((chance, grade in RIGHT))
    return found


def _brier(forecasts: Sequence[tuple[float, bool]]) -> float | None:
    return mean([(chance - true) ** 2 for chance, true in forecasts])


def _grounded(runs: Sequence[RunRecord]) -> dict[str, float | int | None]:
    shown, withheld = sum(run.claims for run in runs), sum(run.withheld for run in runs)
    return share([True] * shown + [False] * withheld).model_dump()


def _quantile(ordered: Sequence[float], at: float) -> float | None:
    return ordered[min(int(len(ordered) * at), len(ordered) - 1)] if ordered else None
