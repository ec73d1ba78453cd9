"""What is said of grouping and of roots is worked out from the truth, and only from it."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest

from investigator.evaluation.cascade_figures import Found, average, cascade_figures, judge
from investigator.evaluation.partitions import compare, homes

T0 = datetime(2026, 11, 24, tzinfo=UTC)
TRUTH = {"1": "a", "2": "a", "3": "a", "4": "b"}
ROOTS = {"a": "payments", "b": "search"}
SERVICES = {"1": "web", "2": "payments", "3": "cart", "4": "web"}
BEGAN = {issue: T0 + timedelta(seconds=number) for number, issue in enumerate(TRUTH)}


def incident(name: str, *issues: str, root: str = "payments", runs: int = 1) -> Found:
    ranking = ((root, 0.8), ("web", 0.1))
    opened_at = T0 + timedelta(seconds=5)
    return Found(id=name, opened_at=opened_at, issues=issues, ranking=ranking, investigations=runs)


def test_the_true_split_is_perfect() -> None:
    found = [incident("x", "1", "2", "3"), incident("y", "4", root="search")]
    verdict = judge("case", TRUTH, ROOTS, BEGAN, found, services=SERVICES)
    assert (verdict.f1, verdict.adjusted_rand, verdict.mixed, verdict.over_merged) == (1.0, 1.0, False, 0)
    assert [each.rank for each in verdict.incidents] == [1, 1]
    assert [each.seconds for each in verdict.incidents] == [5.0, 2.0]


def test_one_incident_for_everything_is_over_merged() -> None:
    verdict = judge("case", TRUTH, ROOTS, BEGAN, [incident("x", *TRUTH)], services=SERVICES)
    assert verdict.f1 == pytest.approx(2 * 3 / (3 + 6))
    assert verdict.adjusted_rand == pytest.approx(0.0)
    assert (verdict.mixed, verdict.over_merged, verdict.could_merge) == (True, 1, 1)
    assert [each.rank for each in verdict.incidents] == [1, None]


def test_an_issue_that_became_nothing_is_alone() -> None:
    pairs = compare(TRUTH, {"1": "x", "2": "x"})
    assert (pairs.both, pairs.truth, pairs.found) == (1, 3, 1)
    assert homes(TRUTH, {"1": "x", "2": "y", "3": "y"}) == {"a": "y"}


def test_nothing_together_in_either_is_no_mistake() -> None:
    assert compare({"1": "a", "2": "b"}, {"1": "x", "2": "y"}).f1 == 1.0


def test_figures_carry_their_n() -> None:
    found = [incident("x", "1", "2", "3", runs=2), incident("y", "4", root="web")]
    figures = cascade_figures([judge("case", TRUTH, ROOTS, BEGAN, found, services=SERVICES)])
    assert (figures.top_1.hits, figures.top_1.n) == (1, 2)
    assert (figures.cascade_top_1.hits, figures.cascade_top_1.n) == (1, 1)
    assert figures.investigations_per_incident == 1.5
    assert sum(bucket.came_true.n for bucket in figures.calibration) == 2


def test_a_root_is_silent_when_none_of_its_incidents_issues_is_its_own() -> None:
    found = [incident("x", "1", "2", "3"), incident("y", "4", root="search")]
    verdict = judge("case", TRUTH, ROOTS, BEGAN, found, services=SERVICES)
    assert [each.silent for each in verdict.incidents] == [False, True], "payments spoke, search did not"
    figures = cascade_figures([verdict])
    assert (figures.silent_top_1.hits, figures.silent_top_1.n) == (1, 1)
    unknown = judge("case", TRUTH, ROOTS, BEGAN, found, services={})
    assert [each.silent for each in unknown.incidents] == [None, None], "nobody says what it was not told"


def test_probabilities_are_scored_and_a_certain_mistake_costs_most() -> None:
    right = cascade_figures([judge("case", TRUTH, ROOTS, BEGAN, [incident("x", "1", "2")], services={})])
    wrong = cascade_figures(
        [judge("case", TRUTH, ROOTS, BEGAN, [incident("x", "1", "2", root="web")], services={})]
    )
    assert [right.brier, right.log_loss] == pytest.approx([0.2**2, -math.log(0.8)])
    assert [wrong.brier, wrong.log_loss] == pytest.approx([0.8**2, -math.log(0.2)])


def test_a_mean_of_nothing_says_so() -> None:
    assert str(average([])) == "–"
    assert average([0.5, 1.0]).mean == 0.75
