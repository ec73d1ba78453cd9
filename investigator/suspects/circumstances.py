"""Ties by circumstance: kind and size of the change, reverts, time, deploys, outages, dependencies."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from investigator.models.evidence import Commit, Deploy
from investigator.suspects import submodules
from investigator.suspects.changes import Candidate, words_of
from investigator.suspects.crash import Crash
from investigator.suspects.history import Undoing
from investigator.suspects.outage import Outage
from investigator.suspects.paths import kind
from investigator.suspects.ties import Tie
from investigator.suspects.words import parts

CLOCK_SKEW = timedelta(minutes=5)
# A change this old is half as likely as a fresh one to show only now.
RECENT = timedelta(days=14)
FRESH_DEPLOY = timedelta(hours=6)
SMALL_BUMP = 0.7  # what a new version counts that promises to break nothing
_VERSION = re.compile(r"(?<![\w.])v?(\d+)\.\d+")
_RELEASES = frozenset({"github_release", "sentry_release"})


def span(duration: timedelta) -> str:
    """`duration` in one unit that people use: 12 minutes, 3 hours, 2 days, 8 months."""
    minutes = max(round(duration.total_seconds() / 60), 1)
    for unit, length in (("year", 525_600), ("month", 43_800), ("day", 1440), ("hour", 60), ("minute", 1)):
        if minutes >= length * (2 if length > 60 else 1):
            number = minutes // length  # as the rest of the report counts: whole ones
            return f"{number} {unit}{'s' if number != 1 else ''}"
    return "a minute"


class CircumstanceTies:
    """Judges candidates by everything but the place and the names of the change."""

    def __init__(
        self,
        crash: Crash,
        *,
        commits: Sequence[Commit],
        deploys: Sequence[Deploy],
        undoing: Undoing,
        outage: Outage | None,
        first_seen: datetime | None,
    ) -> None:
        self._crash = crash
        self._undoing = undoing
        self._outage = outage
        self._first_seen = first_seen
        self._deployed = deployed_at(commits, deploys)
        before = [at for at in self._deployed.values() if first_seen and at <= first_seen + CLOCK_SKEW]
        self._last_deploy = max(before, default=None)

    def __call__(self, candidate: Candidate) -> list[Tie]:
        return [*self._by_kind(candidate), *self._by_revert(candidate), *self._by_time(candidate)]

    def _by_kind(self, candidate: Candidate) -> Iterable[Tie]:
        commit = candidate.commit
        if commit.changed_files or candidate.changes:
            yield Tie("files", math.log(candidate.width))
        if candidate.harmless:
            yield Tie("harmless", 1.0)
        if candidate.cosmetic:
            yield Tie("cosmetic", 1.0)
        if candidate.numbers_only:
            yield Tie("numbers", 1.0)
        yield from self._by_value(candidate)
        yield from self._by_outage(candidate)
        yield from self._by_dependency(candidate)
        yield from submodules.ties(commit, self._crash.frames, self._crash.submodules)

    def _by_value(self, candidate: Candidate) -> Iterable[Tie]:
        if number := min(candidate.numbers & self._crash.numbers, default=None):
            yield Tie("value", 1.0, f"its diff sets {number}, and the error is about that value")

    def _by_outage(self, candidate: Candidate) -> Iterable[Tie]:
        """In full when a value that the outage is about was changed, half when it is mentioned."""
        if self._outage is None:
            return
        both = candidate.added & candidate.removed
        reset = [name for name in both if self._outage.touched_by.intersection(parts(name))]
        mentioned = self._outage.touched_by & words_of(candidate.changed)
        if reset:
            yield Tie("outage", 1.0, f"its diff sets `{min(reset)}` anew, and {self._outage.what}")
        elif mentioned:
            yield Tie("outage", 0.5, f"its diff has to do with “{min(mentioned)}”, and {self._outage.what}")

    def _by_dependency(self, candidate: Candidate) -> Iterable[Tie]:
        """In full for a new major version, or a package that came or went."""
        files = [file.patch for file in candidate.commit.files or () if kind(file.path) == "dependency"]
        lines = [line.lower() for patch in files if patch for line in patch.split("\n")]
        named = {name.lower() for name in self._crash.names} | self._crash.packages if lines else ()
        for name in sorted(named):
            spelled = re.escape(name).replace("_", "[-_.]?")  # manifests hyphenate what code cannot
            word = re.compile(rf"(?<!\w)(?:py)?{spelled}(?!\w)")
            came, went = ([line for line in lines if line[:1] == sign and word.search(line)] for sign in "+-")
            if went and not came and self._crash.unloadable:
                yield Tie("moved", 1.0, f"removed the dependency `{name}`, which could not be found")
                return
            if came or went:
                worth = SMALL_BUMP if _major(came) == _major(went) else 1.0
                sentence = f"changed the dependency `{name}`, which the error comes from or names"
                yield Tie("dependency", worth, sentence)
                return

    def _by_revert(self, candidate: Candidate) -> Iterable[Tie]:
        sha = candidate.commit.sha
        if sha in self._undoing.undone:
            yield Tie("undone", 1.0)
        if sha in self._undoing.undone.values():
            yield Tie("revert_here", 1.0)
        elif (what := self._undoing.reverting.get(sha)) is not None:
            yield Tie("revert", 1.0, f"takes back {what}")

    def _by_time(self, candidate: Candidate) -> Iterable[Tie]:
        deployed = self._deployed.get(candidate.commit.sha)
        at = deployed or candidate.commit.committed_at
        if at is None or self._first_seen is None:
            return
        before = self._first_seen - at
        if before < -CLOCK_SKEW:
            yield Tie("after", 1.0)
            return
        verb = "deployed" if deployed else "committed"
        yield Tie(
            "recent", 1 / (1 + max(before / RECENT, 0.0)), f"{verb} {span(before)} before the first event"
        )
        if deployed is not None and deployed == self._last_deploy:
            yield Tie("deployed", math.exp(-max(before / FRESH_DEPLOY, 0.0)))


def _major(lines: Iterable[str]) -> set[str]:
    return set(_VERSION.findall("\n".join(lines)))


def deployed_at(commits: Sequence[Commit], deploys: Sequence[Deploy]) -> dict[str, datetime]:
    """When each of `commits` (newest first) first went out: with the earliest deploy at or above it.

    Releases count only where there are no deploys: one may wait for hours before it is deployed.
    """
    position = {commit.sha: index for index, commit in enumerate(commits)}
    real = [deploy for deploy in deploys if deploy.source not in _RELEASES and deploy.sha in position]
    known = [
        (position[one.sha], one.at) for one in real or deploys if one.at is not None and one.sha in position
    ]
    times: dict[str, datetime] = {}
    for index, commit in enumerate(commits):
        at = min((at for place, at in known if place <= index), default=None)
        if at is not None:
            times[commit.sha] = at
    return times
