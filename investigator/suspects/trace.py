"""The frames of a crash as places in the repository, each with what it weighs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from investigator.models.evidence import CodeEvidence, CodeFrame
from investigator.models.sentry import Frame, SentryEvent
from investigator.suspects.paths import same_file

# The crashing frame of a trace counts in full, each caller this much of the frame below it, down to a
# level, so that a long trace is not lost in its length. Chained exceptions begin anew, at their share.
DEPTH_DECAY = 0.84
CHAINED = 0.8
MIN_WEIGHT = 0.2
MAX_PLACES = 40
# Lines on either side of a frame's line that are read with it.
AROUND = 3

# A database complains of what it was told, seldom because of who passed it on.
RELAYED = 0.4
_DATABASE = re.compile(
    r"(?i)sql|sqlite|psycopg|\bpq\b|^PG::|(operational|programming|integrity|database|data|query\w*)error$"
)
_RELAY = re.compile(r"(?i)^_*(do_?)?(execut\w*|exec|query|cursor|run|prepare|exit__)$")

_ANONYMOUS = re.compile(r"<(\w+)>|\banonymous\b")


@dataclass(frozen=True, slots=True)
class Place:
    """One frame: `number` tells it from the others, `above` is how many calls it is above its crash.

    `text` is the line itself, `around` the lines just above it (which made what it uses) and below.
    """

    path: str
    function: str | None
    line: int | None
    number: int
    above: int
    weight: float
    text: str = ""
    around: str = ""

    @property
    def label(self) -> str:
        return f"`{self.function}`" if self.function else f"`{self.path}`"


def bare_function(function: str | None) -> str | None:
    """`Cart.total` → total, `(*Cart).Total` → Total, `Cart#total` → total, `<lambda>` → None."""
    if not function or _ANONYMOUS.search(function):
        return None
    name = re.split(r"[.#:]|->", function.split("(")[0] if not function.startswith("(") else function)[-1]
    return name.strip(" ()*") or None


def _source(frame: Frame, code: CodeFrame | None) -> tuple[str, str]:
    """The frame's line and the lines around it: the repository's, else those Sentry sent."""
    if code is not None and frame.line is not None and frame.line in dict(code.lines):
        around = [
            text for line, text in code.lines if line != frame.line and abs(line - frame.line) <= AROUND
        ]
        return dict(code.lines)[frame.line], "\n".join(around)
    around = [*frame.pre_context[-AROUND:], *frame.post_context[:AROUND]]
    return frame.context_line or "", "\n".join(around)


def _relays(function: str | None) -> bool:
    return function is not None and _RELAY.search(function) is not None


def _traces(event: SentryEvent | None, code: CodeEvidence) -> list[list[Frame]]:
    """Crashing frame first; the outermost exception first, then those it was raised from."""
    exceptions = event.exceptions if event else ()
    traces = [list(reversed(one.frames)) for one in reversed(exceptions) if one.frames]
    return traces or [[one.frame for one in code.frames]]


def _identity(frame: Frame) -> tuple[str | None, str | None, int | None]:
    return frame.filename or frame.abs_path, frame.function, frame.line


def _by_name(code: CodeEvidence) -> Mapping[str, set[str]]:
    """Every path of the repository that the evidence speaks of, by its last component."""
    paths = {one.path for one in code.frames if one.path} | {blame.path for blame in code.blame}
    paths |= {file.path for commit in code.commits for file in commit.files or ()}
    known: dict[str, set[str]] = {}
    for path in paths:
        known.setdefault(path.rpartition("/")[2], set()).add(path)
    return known


def _guess(frame: Frame, known: Mapping[str, set[str]]) -> str | None:
    if frame.in_app is False:
        return None
    name = (frame.abs_path or frame.filename or "").replace("\\", "/")
    matches = [path for path in known.get(name.rpartition("/")[2], ()) if same_file(name, path)]
    return matches[0] if len(matches) == 1 else None


def places(event: SentryEvent | None, code: CodeEvidence) -> tuple[Place, ...]:
    """Frames in the repository, crashing frame first; paths as the evidence maps them, else by likeness."""
    mapped = {_identity(one.frame): one for one in code.frames if one.path}
    known = _by_name(code)
    relayed = any(one.type and _DATABASE.search(one.type) for one in (event.exceptions if event else ()))
    found: list[Place] = []
    seen: set[tuple[str, str | None, int | None]] = set()
    for order, trace in enumerate(_traces(event, code)):
        weight = CHAINED if order else 1.0
        for above, frame in enumerate(trace):
            mapping = mapped.get(_identity(frame))
            path = mapping.path if mapping else _guess(frame, known)
            if path is None or (path, frame.function, frame.line) in seen or len(found) >= MAX_PLACES:
                continue
            seen.add((path, frame.function, frame.line))
            text, around = _source(frame, mapping)
            function = bare_function(frame.function)
            share = max(weight, MIN_WEIGHT) * (RELAYED if relayed and _relays(function) else 1.0)
            found.append(Place(path, function, frame.line, len(found), above, share, text, around))
            weight *= DEPTH_DECAY
    return tuple(found)
