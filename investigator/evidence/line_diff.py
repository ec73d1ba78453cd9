"""A unified diff of two versions of a file. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from investigator.models.base import Value
from investigator.suspects.patches import defined_name

CONTEXT_LINES = 3
MAX_CHANGED_LINES = 3000  # a rewrite of this size tells nothing, and takes seconds to align
HEADING_LIMIT = 200


class LineDiff(Value):
    """`patch` holds hunks without file headers; each hunk's header names the definition it lies in."""

    patch: str
    additions: int
    deletions: int


def line_diff(before: str, after: str) -> LineDiff | None:
    """None when too much changed at once for a diff to tell anything."""
    old, new = _lines(before), _lines(after)
    start, end = _common_ends(old, new)
    skipped = max(0, start - CONTEXT_LINES)
    rest = max(0, end - CONTEXT_LINES)
    left, right = old[skipped : len(old) - rest], new[skipped : len(new) - rest]
    if max(len(left), len(right)) > MAX_CHANGED_LINES:
        return None
    hunks: list[str] = []
    for group in SequenceMatcher(None, left, right).get_grouped_opcodes(CONTEXT_LINES):
        hunks += [_header(group, old, skipped), *_body(group, left, right)]
    return LineDiff(
        patch="\n".join(hunks),
        additions=sum(line.startswith("+") for line in hunks),
        deletions=sum(line.startswith("-") for line in hunks),
    )


def _lines(text: str) -> list[str]:
    """Lines as git counts them: form feeds and other separators of Unicode end none."""
    return text.removesuffix("\n").split("\n") if text else []


def _common_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many lines agree at the start and, of the rest, at the end."""
    shorter = min(len(old), len(new))
    start = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    room = shorter - start
    end = next((n for n in range(room) if old[-1 - n] != new[-1 - n]), room)
    return start, end


def _header(group: list[tuple[str, int, int, int, int]], old: Sequence[str], skipped: int) -> str:
    _, old_start, _, new_start, _ = group[0]
    _, _, old_end, _, new_end = group[-1]
    first_change = next(low for tag, low, *_ in group if tag != "equal")
    above = old[: skipped + first_change + 1]
    heading = next((line for line in reversed(above) if defined_name(line)), "")
    spans = (
        f"-{_span(skipped + old_start, skipped + old_end)} +{_span(skipped + new_start, skipped + new_end)}"
    )
    return f"@@ {spans} @@ {heading.strip()[:HEADING_LIMIT]}".rstrip()


def _span(start: int, end: int) -> str:
    return f"{start + 1 if end > start else start},{end - start}"


def _body(group: list[tuple[str, int, int, int, int]], old: Sequence[str], new: Sequence[str]) -> list[str]:
    lines: list[str] = []
    for tag, old_start, old_end, new_start, new_end in group:
        if tag == "equal":
            lines += [f" {line}" for line in old[old_start:old_end]]
            continue
        lines += [f"-{line}" for line in old[old_start:old_end]]
        lines += [f"+{line}" for line in new[new_start:new_end]]
    return lines
