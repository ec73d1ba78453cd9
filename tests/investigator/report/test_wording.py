"""Times and numbers are said as people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from investigator import wording

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than a second"),
        (1, "1 second"),
        (40, "40 seconds"),
        (60, "1 minute"),
        (90, "1 minute"),
        (12 * 60, "12 minutes"),
        (3_600, "1 hour"),
        (3_600 + 25 * 60, "1 hour 25 minutes"),
        (5 * 3_600 + 25 * 60, "5 hours"),
        (26 * 3_600, "1 day 2 hours"),
        (-9 * 86_400, "9 days"),
    ],
)
def test_a_duration_names_the_units_that_matter(seconds: int, words: str) -> None:
    assert wording.duration(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("offset", "words"),
    [
        (-720, "12 minutes before the first event"),
        (0.4, "at the first event"),
        (7_200, "2 hours after the first event"),
    ],
)
def test_a_time_is_told_from_the_first_event(offset: float, words: str) -> None:
    assert wording.relative(NOON + timedelta(seconds=offset), NOON, "the first event") == words


def test_times_are_shown_in_utc_whatever_zone_they_came_in() -> None:
    there = datetime(2026, 11, 24, 8, 12, tzinfo=timezone(timedelta(hours=2)))
    assert wording.utc(there) == "2026-11-24 06:12 UTC", "people in two zones must read the same time"


@pytest.mark.parametrize(("number", "words"), [(0, "0 events"), (1, "1 event"), (1204, "1,204 events")])
def test_a_count_agrees_with_its_noun(number: int, words: str) -> None:
    assert wording.count(number, "event") == words


@pytest.mark.parametrize(("probability", "words"), [(0.82, "82%"), (1.0, "99%"), (0.001, "1%")])
def test_nothing_probable_is_called_certain_or_impossible(probability: float, words: str) -> None:
    assert wording.percent(probability) == words


def test_a_text_is_clipped_between_words() -> None:
    assert wording.clip("the quick brown fox jumps", 17) == "the quick brown…"


@given(st.text(max_size=80), st.integers(min_value=1, max_value=60))
@settings(max_examples=60)
def test_a_clipped_text_never_exceeds_its_limit(text: str, limit: int) -> None:
    clipped = wording.clip(text, limit)
    assert len(clipped) <= limit, "a clipped text must fit"
    assert clipped == text or clipped.endswith("…"), "what was clipped must say so"


@pytest.mark.parametrize(
    ("items", "words"), [((), ""), (("a",), "a"), (("a", "b"), "a and b"), (("a", "b", "c"), "a, b and c")]
)
def test_a_listing_reads_as_a_sentence(items: tuple[str, ...], words: str) -> None:
    assert wording.listing(items) == words


def test_a_hash_is_cut_to_what_people_compare() -> None:
    assert wording.short_shas(f"shop@{'ab12' * 10} of 1234567") == "shop@ab12ab1 of 1234567"
