"""Ties by place: the crashing lines, their neighbourhood, functions and files."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from investigator.models.evidence import BlameRange, CodeEvidence
from investigator.suspects.changes import Candidate
from investigator.suspects.crash import Crash
from investigator.suspects.patches import Change
from investigator.suspects.paths import nearness
from investigator.suspects.ties import Tie
from investigator.suspects.trace import Place
from investigator.suspects.words import called, same_name

NEAR_LINES = 6.0
ELSEWHERE = 0.6  # what a check taken out of another function of the file counts
IDLE = 0.6  # what a new function counts that nothing of the trace calls
# A touch of the trace's files counts more the fewer commits of the range touch them: by this much for each
# e-fold, and as it is when this share of them does.
SCARCE = 0.235
ORDINARY_SHARE = math.exp(-2)
_FAR = 10_000

Distances = dict[tuple[str, int], int]  # (sha, number of the place) → lines away


def distance(blame: BlameRange, line: int) -> int:
    """Lines between `line` and the blamed ones; 0 among them."""
    return max(blame.start - line, line - blame.end, 0)


def blamed(blame: Iterable[BlameRange], places: Sequence[Place]) -> Distances:
    """How far from each place the nearest line is that a commit was the last to change."""
    ranges: dict[str, list[BlameRange]] = {}
    for one in blame:
        ranges.setdefault(one.path, []).append(one)
    distances: Distances = {}
    for place in places:
        if place.line is None:
            continue
        for one in ranges.get(place.path, ()):
            away = distance(one, place.line)
            key = (one.sha, place.number)
            distances[key] = min(away, distances.get(key, _FAR))
    return distances


def patched(candidates: Sequence[Candidate], places: Sequence[Place]) -> Distances:
    """How far from each place each diff changed something, deletions included.

    Lines are followed back through the diffs, newest first, so that a distance is told where it was made.
    """
    distances: Distances = {}
    for place in places:
        path, line = place.path, place.line
        for candidate in candidates if line is not None else ():
            change = candidate.changes.get(path)
            if change is None or line is None:
                continue
            away = min((block.distance(line) for block in change.blocks), default=_FAR)
            if not change.cosmetic:
                distances[candidate.commit.sha, place.number] = away
            line = change.line_before(line)
            path = candidate.renamed.get(path, path)
    return distances


def _module(path: str) -> str:
    """The name under which other files import `path`."""
    folder, _, name = path.rpartition("/")
    stem = name.partition(".")[0]
    return folder.rpartition("/")[2] if stem in {"__init__", "index", "mod"} else stem


def where(place: Place) -> str:
    """How far up the calls a place is, in words."""
    if place.above == 0:
        return "where it crashed"
    return f"{place.above} call{'s' if place.above > 1 else ''} above the crash"


def scarcity(touching: int, commits: int) -> float:
    """What a touch of the trace's files counts when `touching` of `commits` do; around 1."""
    share = (touching + 1) / (commits + 2)
    return 1 + SCARCE * math.log(ORDINARY_SHARE / share)


def _reached(crash: Crash, code: CodeEvidence) -> frozenset[str]:
    """The functions that run when it crashes, as far as their names are known."""
    names = {same_name(name) for name, _ in code.below}
    for place in crash.places:
        names |= {same_name(place.function or ""), *called(f"{place.text}\n{place.around}")}
    return frozenset(names)


class PlaceTies:
    """Judges candidates by where they changed something."""

    def __init__(self, crash: Crash, candidates: Sequence[Candidate], code: CodeEvidence) -> None:
        self._places = crash.places
        self._total = sum(place.weight for place in crash.places) or 1.0
        self._blamed = blamed(code.blame, crash.places)
        self._patched = patched(candidates, crash.places)
        self._paths = tuple(dict.fromkeys(place.path for place in crash.places))
        self._imports = frozenset(code.imports)
        self._absent = crash.absent
        self._reached = _reached(crash, code)
        self._renamed: dict[str, set[str]] = {}
        for candidate in candidates:
            for path, before in candidate.renamed.items():
                self._renamed.setdefault(path, set()).add(before)
        self._found = {candidate.commit.sha: self._best(candidate) for candidate in candidates}
        touching = sum("file" in ties for ties in self._found.values())
        self._scarcity = scarcity(touching, len(candidates))

    def __call__(self, candidate: Candidate) -> list[Tie]:
        best = dict(self._found[candidate.commit.sha])
        if "file" in best:
            best["file"] = replace(best["file"], value=best["file"].value * self._scarcity)
        touched = sum(place.weight for place in self._places if self._touches(candidate, place))
        if touched:
            best["share"] = Tie("share", touched / self._total)
        elif "file" not in best:
            best |= {tie.feature: tie for tie in self._beside(candidate)}
        return list(best.values())

    def _best(self, candidate: Candidate) -> dict[str, Tie]:
        """The strongest tie of each feature to any of the places."""
        files = {file.path for file in candidate.commit.files or ()} - candidate.cosmetic_paths
        best: dict[str, Tie] = {}
        for place in self._places:
            change = candidate.changes.get(place.path)
            share = IDLE if change is not None and self._idle(change) else 1.0
            for tie in self._at(candidate, place, files):
                value = tie.value * share
                if tie.feature not in best or value > best[tie.feature].value:
                    best[tie.feature] = replace(tie, value=value)
        return best

    def _idle(self, change: Change) -> bool:
        """Whether it brings nothing but functions that neither the trace calls by name nor the language."""
        names = {same_name(name) for name in change.fresh}
        return change.only_new and not names & self._reached and not any(n.startswith("__") for n in names)

    def _beside(self, candidate: Candidate) -> Iterable[Tie]:
        """What ties files outside the trace to it."""
        live = [path for path in candidate.changes if path not in candidate.cosmetic_paths]
        near = max((nearness(path, self._paths) for path in live), default=0.0)
        if near:
            yield Tie("folder", near)
        imported = next((path for path in live if _module(path) in self._imports), None)
        if imported is not None:
            yield Tie("imported", 1.0, f"changed `{imported}`, which a file of the trace imports")

    def _touches(self, candidate: Candidate, place: Place) -> bool:
        if place.path in candidate.cosmetic_paths:
            return False
        if self._blamed.get((candidate.commit.sha, place.number)) == 0:
            return True
        change = candidate.changes.get(place.path)
        return change is not None and place.function in change.functions

    def _at(self, candidate: Candidate, place: Place, files: set[str]) -> Iterable[Tie]:
        if place.path in candidate.cosmetic_paths:
            return
        key = (candidate.commit.sha, place.number)
        blamed = self._blamed.get(key, _FAR)
        away = min(blamed, self._patched.get(key, _FAR))
        at = where(place)
        if blamed == 0:
            yield Tie("line", place.weight, f"last changed line {place.line} of {place.label}, {at}")
        if away < _FAR:
            beside = f"{away} line{'s' if away > 1 else ''} from" if away else "at"
            near = f"changed something {beside} line {place.line} of {place.label}, {at}"
            yield Tie(
                "near", place.weight * math.exp(-away / NEAR_LINES), near if away <= NEAR_LINES else None
            )
        change = candidate.changes.get(place.path)
        if change is not None and place.function and place.function in change.functions:
            yield Tie("function", place.weight, f"changed {place.label} in `{place.path}`, {at}")
        if change is not None and change.unguarded:
            here = 1.0 if place.function in change.unguarded else ELSEWHERE
            worth = here * place.weight * (1.0 if self._absent else 0.5)
            yield Tie("unguarded", worth, f"took a check out of `{place.path}`, {at}")
        if away < _FAR or place.path in files or files & self._renamed.get(place.path, set()):
            yield Tie("file", place.weight, f"touched `{place.path}`, {at}")
