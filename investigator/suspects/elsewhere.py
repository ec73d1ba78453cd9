"""What speaks for "none of these commits": a cause outside the code, or in code from before the range."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from investigator.models.evidence import BlameRange, CodeEvidence
from investigator.suspects import weights
from investigator.suspects.changes import Candidate
from investigator.suspects.circumstances import span
from investigator.suspects.crash import Crash
from investigator.suspects.lines import NEAR_LINES, distance, where
from investigator.suspects.outage import Outage
from investigator.suspects.ties import Tie
from investigator.suspects.trace import Place

# A range is at least this long when the age of the code before it is measured by it.
SHORTEST_RANGE = timedelta(days=1)
BESIDE = 0.7  # what a fresh line beside a line of the trace counts of one in it
TELLING = 0.25  # fresher than this is worth a sentence
OLD = timedelta(days=60)
_AT_THE_TRACE = frozenset({"line", "function"})

Judged = Sequence[tuple[Candidate, Sequence[Tie]]]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that speaks against every commit of the range; `worth` is log-odds, 0 for a mere fact."""

    worth: float
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Older:
    """A line of a place, or one beside it, that a commit before the range was the last to change."""

    place: Place
    blame: BlameRange
    at: datetime
    away: int


def doubts(crash: Crash, judged: Judged, code: CodeEvidence, trouble: Outage | None) -> tuple[Doubt, ...]:
    """All that speaks for "none of these", the strongest first; their worths add up."""
    if not judged:
        return ()
    found = [Doubt(weights.NONE_BIAS + weights.NONE_PER_LOG_COMMITS * math.log(len(judged)))]
    if trouble:
        found.append(_outage(judged, trouble))
    if not crash.places:
        found.append(Doubt(weights.NONE_NO_FRAME, "no frame of the trace is in the repository"))
    made = sorted(one.commit.committed_at for one, _ in judged if one.commit.committed_at)
    if made:
        found += [*_fresh(crash, code, made), *_untouched(crash, code, judged, made[-1])]
    if all(any(tie.feature == "after" for tie in ties) for _, ties in judged):
        found.append(Doubt(0.0, "it was first seen before any of these commits was made or deployed"))
    return tuple(sorted(found, key=lambda doubt: -doubt.worth))


def _outage(judged: Judged, trouble: Outage) -> Doubt:
    if any(tie.feature == "outage" and tie.value == 1.0 for _, ties in judged for tie in ties):
        return Doubt(weights.NONE_OUTAGE_TOUCHED)
    return Doubt(
        weights.NONE_OUTAGE, f"{trouble.what}, says the error, and no commit set anew what that depends on"
    )


def _fresh(crash: Crash, code: CodeEvidence, made: Sequence[datetime]) -> Iterator[Doubt]:
    """Code of the trace that was changed shortly before the range, and not together with all around it.

    How shortly is measured by the length of the range. Commits of a branch may be far older than the merge
    that brought them, so that length is taken from the newer half.
    """
    middle = datetime.fromtimestamp(median(at.timestamp() for at in made), made[-1].tzinfo)
    length = max(2 * (made[-1] - middle), SHORTEST_RANGE)
    listed = {commit.sha for commit in code.commits}
    older = [(one, one.committed_at) for one in code.blame if one.committed_at and one.sha not in listed]
    lines = sorted(at for one, at in older for _ in range(one.start, one.end + 1))
    shares: list[tuple[float, _Older]] = []
    for one in _near(_not_of(listed, crash.places, code.blame), older):
        before = max((made[-1] - length - one.at) / length, 0.0)
        apart = bisect_left(lines, one.at) / len(lines)  # of the code nearby that was there before
        near = BESIDE * math.exp(-one.away / NEAR_LINES) if one.away else 1.0
        shares.append((one.place.weight * near * apart * math.exp(-before), one))
    share, strongest = max(shares, key=lambda pair: pair[0], default=(0.0, None))
    if strongest is not None:
        reason = _fresh_words(strongest, made[0]) if share >= TELLING else None
        yield Doubt(weights.NONE_FRESH_BEFORE * share, reason)


def _not_of(listed: Set[str], places: Sequence[Place], blame: Sequence[BlameRange]) -> list[Place]:
    """The places whose own lines no commit of the range was the last to change."""
    taken = {
        place.number
        for place in places
        for one in blame
        if one.sha in listed and one.path == place.path and place.line and distance(one, place.line) == 0
    }
    return [place for place in places if place.number not in taken]


def _near(places: Sequence[Place], older: Sequence[tuple[BlameRange, datetime]]) -> Iterator[_Older]:
    for place in places:
        for one, at in older:
            if one.path == place.path and place.line is not None:
                yield _Older(place, one, at, distance(one, place.line))


def _fresh_words(one: _Older, first: datetime) -> str:
    line = f"{one.away} line{'s' if one.away > 1 else ''} from line" if one.away else "line"
    when = (
        f"{span(first - one.at)} before the first of these commits"
        if one.at < first
        else "outside this range"
    )
    return (
        f"{line} {one.place.line} of {one.place.label}, {where(one.place)}, was last changed by "
        f"{one.blame.sha[:7]}, {when}"
    )


def _untouched(crash: Crash, code: CodeEvidence, judged: Judged, last: datetime) -> Iterator[Doubt]:
    """A mere fact: that no commit touches the trace is in their own scores already."""
    if any(tie.feature in _AT_THE_TRACE for _, ties in judged for tie in ties):
        return
    own = [
        one.committed_at
        for place in crash.places
        for one in code.blame
        if one.path == place.path and place.line is not None and distance(one, place.line) == 0
    ]
    changed = max((at for at in own if at is not None), default=None)
    if changed is not None and last - changed >= OLD:
        yield Doubt(
            0.0,
            f"the lines of the trace were last changed {span(last - changed)} before the newest of these "
            "commits, and none of them touches their functions",
        )
