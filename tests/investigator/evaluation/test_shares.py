"""Shares say how sure they are; forecasts are held against what came true."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from investigator.evaluation.shares import reliability, share, wilson


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)],
)
def test_the_interval_is_wilsons(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits, n) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 500), st.integers(0, 500))
@settings(max_examples=60)
def test_the_interval_holds_the_share_and_stays_within_0_and_1(one: int, other: int) -> None:
    hits, n = sorted((one, other))
    low, high = wilson(hits, n)
    assert 0 <= low < high <= 1
    if n:
        assert low - 1e-9 <= hits / n <= high + 1e-9


def test_of_nothing_nothing_is_claimed() -> None:
    nothing = share([])
    assert nothing.share is None
    assert (nothing.low, nothing.high) == (0.0, 1.0)
    assert str(nothing) == "–"


def test_forecasts_are_gathered_by_how_sure_they_were() -> None:
    buckets = reliability([(0.05, False), (0.08, False), (0.93, True), (1.0, True), (0.97, False)])
    assert [(bucket.low, bucket.high, bucket.came_true.n) for bucket in buckets] == [
        (0.0, 0.1, 2),
        (0.9, 1.0, 3),
    ]
    assert buckets[0].came_true.share == 0
    assert buckets[1].came_true.share == pytest.approx(2 / 3)
    assert buckets[1].mean_forecast == pytest.approx(0.9667, abs=1e-3), "certainty belongs to the last bucket"
