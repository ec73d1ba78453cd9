"""Patches made here say what git's would: they lead from the old text to the new one."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from investigator.evidence.line_diff import MAX_CHANGED_LINES, line_diff

HUNK = re.compile(r"^@@ -(\d+),(\d+) \+(\d+),(\d+) @@")
LINES = st.lists(st.sampled_from(["a", "b", "def f():", "    return 1", "", "-x", "+y", "@@"]), max_size=30)


def applied(patch: str, old: list[str]) -> list[str]:
    """`old` with the hunks carried out; fails where a hunk does not fit."""
    new: list[str] = []
    position = expected = 0
    for line in patch.split("\n") if patch else []:
        if expected == 0 and (header := HUNK.match(line)):
            start, length = int(header[1]), int(header[2])
            begin = start - 1 if length else start
            new += old[position:begin]
            position, expected = begin, length + int(header[4])
            continue
        sign, text = line[0], line[1:]
        expected -= 2 if sign == " " else 1
        if sign in " -":
            assert old[position] == text, "the hunk does not fit the old text"
            position += 1
        if sign in " +":
            new.append(text)
    return new + old[position:]


@given(LINES, LINES)
@settings(max_examples=60, deadline=None)
def test_the_patch_leads_from_the_old_text_to_the_new(old: list[str], new: list[str]) -> None:
    before, after = ("".join(f"{line}\n" for line in lines) for lines in (old, new))
    diff = line_diff(before, after)
    assert diff is not None
    assert applied(diff.patch, old) == new
    assert diff.additions - diff.deletions == len(new) - len(old)


def test_a_hunk_names_the_function_it_lies_in() -> None:
    body = [f"    step({n})" for n in range(20)]
    old = "\n".join(["class Cart:", "    def first(self):", *body, "    async def total(self):", *body])
    head, _, tail = old.rpartition("step(15)")
    diff = line_diff(old, f"{head}step(None){tail}")
    assert diff is not None
    assert diff.patch.startswith("@@ -36,7 +36,7 @@ async def total(self):")
    assert (diff.additions, diff.deletions) == (1, 1)


def test_a_new_file_a_removed_one_and_no_change() -> None:
    added = line_diff("", "a\nb\n")
    assert added is not None
    assert added.patch == "@@ -0,0 +1,2 @@\n+a\n+b"
    removed = line_diff("a\n", "")
    assert removed is not None
    assert removed.patch == "@@ -1,1 +0,0 @@\n-a"
    same = line_diff("a\n", "a\n")
    assert same is not None
    assert same.patch == ""


def test_a_rewrite_is_not_worth_the_time() -> None:
    old = "\n".join(f"a{n}" for n in range(MAX_CHANGED_LINES + 1))
    assert line_diff(old, old.replace("a", "b")) is None
