"""Which commits of a range may have caused a crash, with a probability and reasons for each."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from investigator.models.evidence import CodeEvidence, Ranking, Suspect
from investigator.models.sentry import SentryEvent
from investigator.suspects import changes, crash, outage, weights
from investigator.suspects.changes import Candidate
from investigator.suspects.circumstances import CircumstanceTies
from investigator.suspects.elsewhere import Doubt, doubts
from investigator.suspects.history import undoing, without_merges
from investigator.suspects.lines import PlaceTies
from investigator.suspects.naming import NameTies
from investigator.suspects.ties import Tie
from investigator.suspects.weights import Feature

MAX_REASONS = 4
# Ties that are about the error itself; a commit with none of them is never shown.
_CIRCUMSTANTIAL = frozenset({"recent", "deployed", "revert"})
# Ties that say where in the code a change was made.
_PLACES = frozenset(
    {
        "line",
        "near",
        "function",
        "file",
        "share",
        "folder",
        "callee",
        "below",
        "imported",
        "unguarded",
        "caller",
    }
)
# What goes without saying once one of the others was said.
_SAID_BY: Mapping[Feature, frozenset[Feature]] = {
    "near": frozenset({"line"}),
    "file": frozenset({"line", "near", "function"}),
    "defined": frozenset({"gone"}),
    "mentioned": frozenset({"gone", "defined"}),
    "words": frozenset({"gone", "defined", "mentioned"}),
}


@dataclass(frozen=True, slots=True)
class Judged:
    """Every candidate with its ties, and what speaks for "none of these"."""

    candidates: Sequence[tuple[Candidate, list[Tie]]]
    doubts: tuple[Doubt, ...]

    @property
    def none(self) -> float:
        """The log-odds of "none of these" against an innocent commit of the range."""
        return sum(doubt.worth for doubt in self.doubts)


def rank(
    event: SentryEvent | None, code: CodeEvidence, *, first_seen: datetime | None, limit: int = 5
) -> Ranking:
    """The likeliest `limit` commits of `code` to have caused `event`, which was first seen at `first_seen`.

    Scores are probabilities and sum to 1 with `unexplained`, which is "none of these". A commit without any
    tie to the error is not listed; what those that are not listed come to is shared out among the others.
    """
    judged = judge(event, code, first_seen=first_seen)
    chances = probabilities([sum(tie.worth for tie in ties) for _, ties in judged.candidates], judged.none)
    order = sorted(range(len(chances)), key=lambda index: (-chances[index], index))
    suspects: list[Suspect] = []
    for index in order:
        candidate, ties = judged.candidates[index]
        reasons = _reasons(ties)
        if reasons and len(suspects) < limit:
            suspects.append(
                Suspect(
                    commit=candidate.commit, rank=len(suspects) + 1, score=chances[index], reasons=reasons
                )
            )
    listed, whole = sum(one.score for one in suspects), sum(chances)
    suspects = [one.model_copy(update={"score": round(one.score * whole / listed, 4)}) for one in suspects]
    explained = sum(one.score for one in suspects)
    unexplained = round(max(1.0 - explained, 0.0), 4)
    return Ranking(
        suspects=tuple(suspects),
        no_code_cause=unexplained > explained,
        unexplained=unexplained,
        doubts=tuple(doubt.reason for doubt in judged.doubts if doubt.reason),
    )


def judge(event: SentryEvent | None, code: CodeEvidence, *, first_seen: datetime | None) -> Judged:
    """The ties of every commit under suspicion, unweighted; `rank` is what they come to."""
    happened = crash.read(event, code)
    trouble = outage.recognise(happened.text)
    candidates = [changes.read(commit) for commit in without_merges(code.commits)]
    judges = (
        PlaceTies(happened, candidates, code),
        NameTies(happened, candidates, code.below),
        CircumstanceTies(
            happened,
            commits=code.commits,
            deploys=code.deploys,
            undoing=undoing(code.commits),
            outage=trouble,
            first_seen=first_seen,
        ),
    )
    ties = [(candidate, _of_numbers(_judged(judges, candidate))) for candidate in candidates]
    if trouble:
        ties = [(candidate, _during_an_outage(found)) for candidate, found in ties]
    return Judged(ties, doubts(happened, ties, code, trouble))


def _judged(judges: Iterable[Callable[[Candidate], Iterable[Tie]]], candidate: Candidate) -> list[Tie]:
    return [tie for judge in judges for tie in judge(candidate)]


def _of_numbers(ties: list[Tie]) -> list[Tie]:
    """A number changed at the place of a crash says little, unless the error is about that number."""
    features = {tie.feature for tie in ties}
    if "numbers" not in features or features & {"value", "outage"}:
        return ties
    return _weakened(ties, weights.PLACE_OF_NUMBERS)


def _weakened(ties: Iterable[Tie], share: float) -> list[Tie]:
    return [replace(tie, value=tie.value * share) if tie.feature in _PLACES else tie for tie in ties]


def _during_an_outage(ties: Sequence[Tie]) -> list[Tie]:
    """The way to a call says little about why the other side did not answer it; what was set for it does."""
    if any(tie.feature == "outage" for tie in ties):
        return list(ties)
    return _weakened(ties, weights.PLACE_IN_OUTAGE)


def probabilities(worths: Sequence[float], none: float) -> list[float]:
    """Softmax over the candidates and "none of these"; the last one's share is left out."""
    top = max([none, *worths])
    shares = [math.exp(worth - top) for worth in worths]
    whole = sum(shares) + math.exp(none - top)
    return [share / whole for share in shares]


def _reasons(ties: Sequence[Tie]) -> tuple[str, ...]:
    """The strongest ties in words, circumstances last; none when there is nothing but circumstances."""
    told = {tie.feature for tie in ties if tie.reason and tie.worth > 0}
    shown = sorted(
        (tie for tie in ties if tie.feature in told and not told & _SAID_BY.get(tie.feature, frozenset())),
        key=lambda tie: -tie.worth,
    )
    about = [tie.reason for tie in shown if tie.reason and tie.feature not in _CIRCUMSTANTIAL]
    around = [tie.reason for tie in shown if tie.reason and tie.feature in _CIRCUMSTANTIAL]
    return (*about[:MAX_REASONS], *around) if about else ()
