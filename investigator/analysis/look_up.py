"""Which pieces of evidence a question is about, by shared words, for when no model answers. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from investigator.analysis.evidence_ids import Piece
from investigator.models.analysis import Claim
from investigator.wording import clip, one_line

FOUND, TEXT_LIMIT = 3, 300

_WORD = re.compile(r"[a-z][a-z0-9]{2,}|\d{2,}")
_COMMON = frozenset(
    _WORD.findall(
        "the and for was are did does has have had this that with from what which not can could would should "
        "there you your its our all any about into out how why when who where"
    )
)
# What people call the kinds of evidence.
_ABOUT: Mapping[str, frozenset[str]] = {
    "E": frozenset(
        {"error", "exception", "start", "started", "began", "begin", "since", "users", "often", "when"}
    ),
    "F": frozenset({"code", "line", "frame", "stack", "trace", "function", "where", "variable", "value"}),
    "C": frozenset(
        {"commit", "change", "changed", "pull", "request", "merged", "author", "why", "cause", "who"}
    ),
    "D": frozenset(
        {"deploy", "deployed", "deployment", "release", "released", "shipped", "rollback", "roll"}
    ),
    "O": frozenset({"owner", "owners", "owns", "own", "team", "ask", "who", "responsible"}),
    "B": frozenset({"before", "breadcrumb", "breadcrumbs", "happened", "query", "sequence"}),
}


def look_up(question: str, pieces: Sequence[Piece]) -> tuple[Claim, ...]:
    """The pieces nearest to the question, best first; empty when none shares a word with it."""
    asked = set(_WORD.findall(question.lower()))
    words = [set(_WORD.findall(f"{piece.label} {piece.text}".lower())) - _COMMON for piece in pieces]
    spread = Counter(word for each in words for word in each)

    def score(at: int) -> float:
        shared = sum(math.log(1 + len(pieces) / spread[word]) for word in asked & words[at])
        return shared + 2 * len(asked & _ABOUT[pieces[at].id[0]]) / (1 + pieces[at].weight / 4)

    ranked = sorted(range(len(pieces)), key=lambda at: (-score(at), pieces[at].weight, at))
    best = [pieces[at] for at in ranked[:FOUND] if score(at) > 0]
    return tuple(Claim(text=clip(one_line(piece.text), TEXT_LIMIT), evidence=(piece.id,)) for piece in best)
