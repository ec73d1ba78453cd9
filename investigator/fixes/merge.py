"""Three-way merge of a text, line by line. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from investigator.fixes.alignment import matches

_LINE = re.compile(r"[^\n]*\n|[^\n]+")  # as git counts them


class Span(NamedTuple):
    """Lines `start` (0-based) up to `end`, exclusive."""

    start: int
    end: int


class Merged(NamedTuple):
    """`text` holds for no conflict only; `conflicts` are places in `ours` that both sides changed."""

    text: str
    conflicts: tuple[Span, ...]


def merge(base: str, ours: str, theirs: str) -> Merged:
    """`ours` with what `theirs` changed of `base`. Changes that touch each other without a line between
    them are a conflict, unless they are the same."""
    old, mine, other = (_LINE.findall(text) for text in (base, ours, theirs))
    kept: list[str] = []
    conflicts: list[Span] = []
    for (b, o, t), (b_end, o_end, t_end) in pairwise(_common_lines(old, mine, other)):
        kept += old[b : b + 1] if b >= 0 else []
        was, now, want = old[b + 1 : b_end], mine[o + 1 : o_end], other[t + 1 : t_end]
        if now in (was, want):
            kept += want
        elif want == was:
            kept += now
        else:
            conflicts.append(Span(o + 1, o_end))
    return Merged("".join(kept), tuple(conflicts))


def _common_lines(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]
) -> list[tuple[int, int, int]]:
    """Positions of the lines that all three have, between an imaginary first and last one."""
    in_ours, in_theirs = matches(base, ours), matches(base, theirs)
    common = [(at, in_ours[at], in_theirs[at]) for at in in_ours if at in in_theirs]
    return [(-1, -1, -1), *common, (len(base), len(ours), len(theirs))]
