"""Three-way merge of lines: what only one side changed is taken, what both changed differently is named."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from investigator.fixes.merge import Span, merge

LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n", "}\n"]), max_size=12).map("".join)


def test_changes_apart_from_each_other_are_joined() -> None:
    merged = merge("1\n2\n3\n4\n5\n", "1\nx\n3\n4\n5\n", "1\n2\n3\n4\ny\n")
    assert merged == ("1\nx\n3\n4\ny\n", ())


def test_the_same_change_on_both_sides_is_no_conflict() -> None:
    assert merge("1\n2\n", "1\nx\n", "1\nx\n") == ("1\nx\n", ())


def test_a_conflict_names_the_lines_of_ours() -> None:
    merged = merge("1\n2\n3\n", "0\n1\nx\n3\n", "1\ny\n3\n")
    assert merged.conflicts == (Span(2, 3),)


def test_neighbours_without_a_line_between_them_are_a_conflict() -> None:
    assert merge("1\n2\n", "x\n2\n", "1\ny\n").conflicts, "git would not join these either"


def test_a_missing_last_line_break_is_a_change_of_that_line() -> None:
    assert merge("1\n2\n3", "0\n2\n3", "1\n2\n3\n") == ("0\n2\n3\n", ())


@given(LINES, LINES)
@settings(max_examples=60, deadline=None)
def test_what_one_side_left_alone_is_the_others(base: str, changed: str) -> None:
    assert merge(base, base, changed) == (changed, ()), "theirs was not taken"
    assert merge(base, changed, base) == (changed, ()), "ours was not kept"
    assert merge(base, changed, changed) == (changed, ()), "the same change twice"


def test_a_change_does_not_land_in_a_function_that_looks_the_same() -> None:
    body = "    while stack:\n        pop()\n        if node:\n            yield node\n        push()\n\n"
    base = f"def first():\n{body}def last():\n    pass\n"
    theirs = base.replace("yield node", "yield child")
    ours = base.replace("def last", f"def twin():\n{body}def last")
    merged = merge(base, ours, theirs)
    assert merged.text.index("yield child") < merged.text.index("def twin")
    twin_before = base.replace("def first", f"def twin():\n{body}def first")
    merged = merge(base, twin_before, theirs)
    assert merged.text.index("yield child") > merged.text.index("def first")


def test_what_comes_back_at_the_end_is_not_mixed_with_what_looks_the_same_before_it() -> None:
    first = "import a\n\ndef first():\n    if node:\n        yield node\n        push()\n"
    second = "\ndef second():\n    if node:\n        yield node\n        push()\n"
    merged = merge(first, first.replace("yield node", "yield it"), f"import b\n{first}{second}")
    assert merged == (f"import b\n{first.replace('yield node', 'yield it')}{second}", ())
