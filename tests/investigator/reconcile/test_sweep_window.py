"""The window moves only over what was looked at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from investigator.reconcile.window import (
    FIRST,
    LONGEST,
    OVERLAP,
    SETTLING,
    Progress,
    finished,
    interrupted,
    next_window,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_the_first_sweep_looks_an_hour_back() -> None:
    window = next_window(Progress(), NOON)
    assert (window.start, window.end, window.cursor) == (NOON - SETTLING - FIRST, NOON - SETTLING, None)


def test_the_next_one_begins_before_the_last_one_ended() -> None:
    done = finished(Progress(), next_window(Progress(), NOON))
    assert next_window(done, NOON + timedelta(hours=1)).start == NOON - SETTLING - OVERLAP


def test_after_months_away_only_what_may_still_matter_is_looked_at() -> None:
    window = next_window(Progress(covered_until=NOON - timedelta(days=200)), NOON)
    assert window.length == LONGEST


def test_an_interrupted_sweep_goes_on_where_it_stopped() -> None:
    progress = interrupted(Progress(), next_window(Progress(), NOON), "0:100:0")
    resumed = next_window(progress, NOON + timedelta(minutes=2))
    assert (resumed.end, resumed.cursor) == (NOON - SETTLING, "0:100:0")
    assert progress.covered_until is None


def test_a_sweep_that_read_nothing_is_begun_again_with_all_that_came_since() -> None:
    progress = interrupted(Progress(), next_window(Progress(), NOON), "0:100:0")
    stuck = interrupted(progress, next_window(progress, NOON), "0:100:0")
    later = NOON + timedelta(minutes=4)
    again = next_window(stuck, later)
    assert (again.cursor, again.end) == (None, later - SETTLING), "a cursor Sentry refuses holds up all news"


STEPS = st.lists(st.tuples(st.integers(1, 3000), st.sampled_from(["done", "nothing", "a", "b"])), max_size=30)


@given(steps=STEPS)
@settings(max_examples=60)
def test_no_moment_is_ever_left_out(steps: list[tuple[int, str]]) -> None:
    progress, now = Progress(), NOON
    covered: datetime | None = None
    for seconds, outcome in steps:
        now += timedelta(seconds=seconds)
        window = next_window(progress, now)
        assert covered is None or window.start <= covered, "a gap between two sweeps"
        if outcome == "done":
            progress, covered = finished(progress, window), window.end
        else:
            cursor = window.cursor if outcome == "nothing" else outcome
            progress = interrupted(progress, window, cursor)
        assert progress.covered_until == covered, "the window moved without a complete sweep"
