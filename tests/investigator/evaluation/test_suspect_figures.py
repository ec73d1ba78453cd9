"""Figures count what they say they count; simpler rules are given their due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from investigator.evaluation.baselines import BlamedLine, deepest_frame, newest_blame
from investigator.evaluation.suspect_cases import SuspectCase, Truth
from investigator.evaluation.suspect_figures import Verdict, figures, split, unjudged, verdict
from investigator.models.evidence import Commit, Ranking, Suspect

NOW = datetime(2026, 5, 1, tzinfo=UTC)
GUILTY, OTHER = "a" * 40, "b" * 40


def case(*commits: str, kind: str = "null") -> SuspectCase:
    truth = Truth(commits=commits, no_code_cause=not commits)
    return SuspectCase(id="1", event={}, repo="r", base="b", head="h", truth=truth, language="go", kind=kind)


def ranking(*scored: tuple[str, float], no_code_cause: bool = False) -> Ranking:
    suspects = tuple(
        Suspect(commit=Commit(sha=sha, message=""), rank=rank, score=score, reasons=("why",))
        for rank, (sha, score) in enumerate(scored, 1)
    )
    rest = 1 - sum(score for _, score in scored)
    return Ranking(suspects=suspects, no_code_cause=no_code_cause, unexplained=rest)


def judged(*, blamed: bool = False) -> list[Verdict]:
    first = verdict(case(GUILTY), ranking((GUILTY, 0.8))).model_copy(update={"blamed": {"rule": blamed}})
    second = verdict(case(GUILTY), ranking((OTHER, 0.5), (GUILTY, 0.25)))
    unlisted = verdict(case(GUILTY, kind="key"), ranking((OTHER, 0.25), no_code_cause=True))
    honest = verdict(case(kind="outage"), ranking((OTHER, 0.1), no_code_cause=True))
    accused = verdict(case(kind="outage"), ranking((OTHER, 1.0)))
    return [first, second, unlisted, honest, accused, unjudged(case(GUILTY), "skipped", "no clone")]


def test_ranks_are_over_the_guilty_and_no_code_cause_is_over_all() -> None:
    found = figures(judged())
    assert found.cases == 5, "a skipped case counts nowhere"
    assert (found.top_1.hits, found.top_1.n) == (1, 3)
    assert (found.top_3.hits, found.top_5.hits) == (2, 2)
    assert found.mrr == pytest.approx((1 + 1 / 2 + 0) / 3)
    assert (found.precision.hits, found.precision.n) == (1, 2)
    assert (found.recall.hits, found.recall.n) == (1, 2)
    assert (found.named.hits, found.named.n) == (1, 3), "of the reports that name a commit, one was right"


def test_brier_is_nothing_for_certainty_that_was_right_and_two_for_certainty_that_was_wrong() -> None:
    right = verdict(case(GUILTY), ranking((GUILTY, 1.0)))
    wrong = verdict(case(), ranking((OTHER, 1.0)))
    assert figures([right]).brier == 0
    assert figures([wrong]).brier == 2


def test_parts_are_kept_apart() -> None:
    parts = split(judged(), lambda each: each.kind)
    assert {name: part.cases for name, part in parts.items()} == {"key": 1, "null": 2, "outage": 2}


def test_a_baseline_that_named_nobody_in_a_case_missed_it() -> None:
    share = figures(judged(blamed=True)).baselines["rule"]
    assert (share.hits, share.n) == (1, 3)


def test_rules_blame_the_deepest_line_or_the_newest_within_a_year() -> None:
    old = BlamedLine(sha=OTHER, committed_at=NOW - timedelta(days=300))
    new = BlamedLine(sha=GUILTY, committed_at=NOW - timedelta(days=2))
    assert deepest_frame([old, new]) == OTHER
    assert newest_blame([old, new], NOW) == GUILTY
    assert newest_blame([old], NOW + timedelta(days=100)) is None
    assert deepest_frame([]) is newest_blame([], NOW) is None
