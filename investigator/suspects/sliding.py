"""Where a run of added or removed lines begins, of all places where it might just as well.

A function added below another that ends alike can be told as the end of the upper one and the beginning of
the new one: line for line that is as true, and names the wrong function as changed. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

FARTHEST = 20  # lines that a run is moved


def settled(lines: Sequence[str], defined: Callable[[str], str | None]) -> list[str]:
    """The lines of a patch, each run of additions or of deletions moved down to where it begins with what
    `defined` gives a name to, if the text after the run allows that."""
    found = list(lines)
    start = 0
    while start < len(found):
        end = _end_of_run(found, start)
        if end > start and not _beside_another(found, start, end):
            start = _settle(found, start, end, defined)
        else:
            start = max(end, start + 1)
    return found


def _end_of_run(lines: Sequence[str], start: int) -> int:
    sign = lines[start][:1]
    end = start
    while sign in {"+", "-"} and end < len(lines) and lines[end][:1] == sign:
        end += 1
    return end


def _beside_another(lines: Sequence[str], start: int, end: int) -> bool:
    """Whether lines were replaced rather than only added or removed."""
    before = lines[start - 1][:1] if start else ""
    after = lines[end][:1] if end < len(lines) else ""
    return bool({before, after} & {"+", "-"})


def _settle(lines: list[str], start: int, end: int, defined: Callable[[str], str | None]) -> int:
    """Move the run within `lines`; where it ends then."""
    run = [line[1:] for line in lines[start:end]]
    if _begins(run, defined):
        return end
    for moved in range(1, min(len(run), len(lines) - end, FARTHEST) + 1):
        below = lines[end + moved - 1]
        if below[:1] != " " or below[1:] != run[moved - 1]:
            break
        if _begins([*run[moved:], *run[:moved]], defined):
            sign = lines[start][:1]
            lines[start : end + moved] = [
                *(" " + text for text in run[:moved]),
                *(sign + text for text in [*run[moved:], *run[:moved]]),
            ]
            return end + moved
    return end


def _begins(run: Sequence[str], defined: Callable[[str], str | None]) -> bool:
    return defined(next((text for text in run if text.strip()), "")) is not None
