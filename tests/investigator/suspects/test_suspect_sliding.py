"""Moving a run of added or removed lines must not change what a patch does."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from investigator.suspects.patches import defined_name
from investigator.suspects.sliding import settled

TEXTS = st.sampled_from(["def total(cart):", "    return 1", "", "}", "class Cart:"])
LINES = st.lists(st.tuples(st.sampled_from(" +-"), TEXTS).map("".join), max_size=25)


def side(lines: list[str], sign: str) -> list[str]:
    return [line[1:] for line in lines if line[0] in {" ", sign}]


@settings(max_examples=60)
@given(LINES)
def test_files_before_and_after_a_patch_stay_as_they_are(lines: list[str]) -> None:
    moved = settled(lines, defined_name)
    assert side(moved, "-") == side(lines, "-"), "the file before the change is another"
    assert side(moved, "+") == side(lines, "+"), "the file after the change is another"


def test_a_removed_function_is_told_from_the_blank_line_before_it_on() -> None:
    lines = ["-    return 1", "-", "-def vat(cart):", "     return 1", " "]
    assert settled(lines, defined_name) == ["     return 1", "-", "-def vat(cart):", "-    return 1", " "]
