"""Does a further run's analysis say the same as one that is in the thread already? Pure.

Models word the same thought differently each time, so words are compared by how many they share.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from investigator.models.base import Value
from investigator.models.report import AnalysisView, ClaimView

LEAST_SHARED = 0.4  # of the words of two hypotheses, when they are one
_NOTICEABLE = 0.005  # what a percentage does not show
_WORD = re.compile(r"[a-z_]\w{3,}")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


class SameAgain(Value):
    """An analysis that says what run `stands` said. `confidence_before` and `model_before` are those of the
    newest earlier analysis; None: unchanged. `blast_radius` is set when its numbers are others now."""

    stands: int
    confidence_before: float | None = None
    model_before: str | None = None
    blast_radius: ClaimView | None = None


def same_again(earlier: Sequence[tuple[int, AnalysisView]], now: AnalysisView) -> SameAgain | None:
    """None when `now` is news.

    Args:
        earlier: run numbers and their analyses, oldest first.
    """
    stands: tuple[int, AnalysisView] | None = None
    for run, analysis in earlier:
        if stands is None or not _same(stands[1], analysis):
            stands = run, analysis
    if stands is None or not _same(stands[1], now):
        return None
    newest = earlier[-1][1]
    moved = abs(newest.confidence - now.confidence) >= _NOTICEABLE
    spread = now.blast_radius and _numbers(now.blast_radius) != _numbers(newest.blast_radius)
    return SameAgain(
        stands=stands[0],
        confidence_before=newest.confidence if moved else None,
        model_before=newest.model if newest.model != now.model else None,
        blast_radius=now.blast_radius if spread else None,
    )


def _same(one: AnalysisView, other: AnalysisView) -> bool:
    """The same suspect or none, and the same cause: of a named suspect also when both point at one place."""
    if _suspect(one) != _suspect(other):
        return False
    places = _places(one) & _places(other) if one.suspect else frozenset()
    return bool(places) or _shared(one.hypothesis.text, other.hypothesis.text) >= LEAST_SHARED


def _suspect(analysis: AnalysisView) -> tuple[str, str | None] | None:
    return (analysis.suspect.label, analysis.suspect.url) if analysis.suspect else None


def _places(analysis: AnalysisView) -> frozenset[str]:
    """The stack frames that the hypothesis rests on."""
    return frozenset(one.label for one in analysis.hypothesis.cited if one.id.startswith("F"))


def _shared(one: str, other: str) -> float:
    first, second = _words(one), _words(other)
    return 2 * len(first & second) / max(1, len(first) + len(second))


def _words(text: str) -> frozenset[str]:
    return frozenset(word.rstrip("s") for word in _WORD.findall(text.lower()))


def _numbers(claim: ClaimView | None) -> frozenset[str]:
    return frozenset(_NUMBER.findall(claim.text)) if claim else frozenset()
