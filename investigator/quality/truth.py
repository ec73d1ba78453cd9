"""Was a run right? From what people said and what happened afterwards. Pure.

A person's grade of the named cause weighs most, then what was done about it (a merged revert of the very
suspect), then thumbs. Of several of one kind the newest counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

from investigator.quality.records import Said

Grade = Literal["bullseye", "near", "area", "wrong"]

RIGHT: frozenset[str] = frozenset({"bullseye", "near"})
_BY_WORD: Mapping[str, Grade] = {grade: grade for grade in get_args(Grade)}
_BY_OUTCOME: Mapping[str, Grade] = {"fix_merged": "bullseye", "suspect_confirmed": "bullseye"}
_BY_THUMB: Mapping[str, Grade] = {"up": "near", "down": "wrong"}


def grades(said: Iterable[Said]) -> dict[tuple[str, int], Grade]:
    """Incident and run → grade. What was said of the incident as a whole (run 0) stands for each run that has
    no judgement of its own: look it up with `grade_of`.
    """
    found: dict[tuple[str, int], tuple[int, Grade]] = {}
    for one in said:
        judged = _judged(one)
        key = (one.incident, one.run)
        if judged and judged[0] >= found.get(key, (0, "wrong"))[0]:
            found[key] = judged
    return {key: grade for key, (_, grade) in found.items()}


def grade_of(known: Mapping[tuple[str, int], Grade], incident: str, run: int) -> Grade | None:
    return known.get((incident, run)) or known.get((incident, 0))


def _judged(one: Said) -> tuple[int, Grade] | None:
    """How much it weighs, and what it says; None when it says nothing of the cause."""
    if one.kind == "graded" and one.value in _BY_WORD:
        return 3, _BY_WORD[one.value]
    if one.kind == "fix_merged" and one.value != "revert":
        return None  # a patch that was merged repairs; it does not say who broke it
    if one.kind in _BY_OUTCOME:
        return 2, _BY_OUTCOME[one.kind]
    if one.kind == "thumbs" and one.value in _BY_THUMB:
        return 1, _BY_THUMB[one.value]
    return None
