"""Which line of one text is which line of another. Pure.

Lines that stand once in both are the landmarks, as in a patience diff: among two functions that look alike a
change must not land in the wrong one. Only between landmarks the longest runs of equal lines decide.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise

Lines = Sequence[str]
Pair = tuple[int, int]


def matches(old: Lines, new: Lines) -> dict[int, int]:
    """Positions in `new` by positions in `old`, both growing; lines without a counterpart are left out."""
    found: dict[int, int] = {}
    waiting = [(0, len(old), 0, len(new))]
    while waiting:
        low, high, left, right = waiting.pop()
        # From the start, not from the end: what was added behind something like it stays behind it.
        while low < high and left < right and old[low] == new[left]:
            found[low] = left
            low, left = low + 1, left + 1
        marks = _landmarks(old[low:high], new[left:right])
        found |= {low + at: left + to for at, to in marks or _runs(old[low:high], new[left:right])}
        if marks:
            ends = [(-1, -1), *marks, (high - low, right - left)]
            waiting += [
                (low + at + 1, low + at_next, left + to + 1, left + to_next)
                for (at, to), (at_next, to_next) in pairwise(ends)
            ]
    return dict(sorted(found.items()))


def _runs(old: Lines, new: Lines) -> list[Pair]:
    blocks = SequenceMatcher(None, old, new).get_matching_blocks()
    return [(at + n, to + n) for at, to, size in blocks for n in range(size)]


def _landmarks(old: Lines, new: Lines) -> list[Pair]:
    """Lines that stand once in both: the most of them that keep their order."""
    in_old, in_new = Counter(old), Counter(new)
    where = {line: at for at, line in enumerate(new) if in_new[line] == 1}
    pairs = [(at, where[line]) for at, line in enumerate(old) if in_old[line] == 1 and line in where]
    return _longest_growing(pairs)


def _longest_growing(pairs: Sequence[Pair]) -> list[Pair]:
    """The longest selection of `pairs` whose second numbers grow; the first ones do already."""
    tops: list[int] = []  # the smallest last number of a selection of each length
    ends: list[int] = []  # and which pair that is
    before: list[int | None] = []
    for number, (_, to) in enumerate(pairs):
        length = bisect_left(tops, to)
        before.append(ends[length - 1] if length else None)
        tops[length:], ends[length:] = [to, *tops[length + 1 :]], [number, *ends[length + 1 :]]
    chosen: list[Pair] = []
    at = ends[-1] if ends else None
    while at is not None:
        chosen.append(pairs[at])
        at = before[at]
    return chosen[::-1]
