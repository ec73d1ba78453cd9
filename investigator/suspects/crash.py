"""What the event says: frames by weight, and the names and words of the error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from investigator.models.evidence import CodeEvidence, CodeFrame
from investigator.models.sentry import Frame, SentryEvent
from investigator.suspects.paths import same_file
from investigator.suspects.words import COMMONPLACE, identifiers, parts

# The crashing frame counts in full, each caller this much of the frame below it; long traces level out.
DEPTH_DECAY = 0.88
MIN_WEIGHT = 0.2
MAX_FRAMES = 40
AROUND = 3

_QUOTED = re.compile(r"['\"`‘“«]([^'\"`’”»\n]{2,80})['\"`’”»]")
_CALLED = re.compile(r"([A-Za-z_$][\w$]*)\(\)")
_COMPOUND = re.compile(
    r"\b(?:[A-Za-z]\w*_\w+|[a-z]+[A-Z]\w*|[A-Z][a-z0-9]+[A-Z]\w*|[A-Za-z_]\w*(?:[.:/]\w{3,})+)\b"
)
_LABELLED = re.compile(
    r"(?i)\b(?:column|table|relation|keyword|attribute|argument|parameter|field|key|variable|property|method|function|"
    r"module|package|setting|option|option|constant|constraint|index|near|name)(?: named| name)?:?\s+"
    r"[\"'`]?([A-Za-z_$][\w$.]*)"
)
_BARE_ANONYMOUS = re.compile(r"<(\w+)>|\banonymous\b")


@dataclass(frozen=True, slots=True)
class Place:
    """One frame: `depth` 0 crashed; `weight` 1.0 for it, less for its callers.

    `text` is the line itself, `around` the lines just above it (which made what it uses) and below.
    """

    path: str
    function: str | None
    line: int | None
    depth: int
    weight: float
    text: str = ""
    around: str = ""

    @property
    def label(self) -> str:
        return f"`{self.function}`" if self.function else f"`{self.path}`"


@dataclass(frozen=True, slots=True)
class Crash:
    """`names` are identifiers that the error names, `words` all its words, each with a weight (0 to 1)."""

    places: tuple[Place, ...]
    names: Mapping[str, float]
    words: Mapping[str, float]
    packages: frozenset[str]  # libraries in the trace that are not the application's own
    text: str


def bare_function(function: str | None) -> str | None:
    """`Cart.total` → total, `(*Cart).Total` → Total, `Cart#total` → total, `<lambda>` → None."""
    if not function or _BARE_ANONYMOUS.search(function):
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


def _located(event: SentryEvent | None, code: CodeEvidence) -> Iterable[tuple[str, Frame, CodeFrame | None]]:
    """(path, frame, its mapping), crashing frame first; paths as mapped, else by likeness."""
    mapped = {_identity(one.frame): one for one in code.frames if one.path}
    known = _by_name(code)
    traces = [[one.frame for one in code.frames]] if event is None else _traces(event, code)
    for frame in (frame for trace in traces for frame in trace):
        if (found := mapped.get(_identity(frame))) is not None and found.path:
            yield found.path, frame, found
        elif frame.in_app is not False and (path := _guess(frame, known)) is not None:
            yield path, frame, None


def _traces(event: SentryEvent, code: CodeEvidence) -> list[list[Frame]]:
    """Crashing frame first; the exception that `frames` were taken from first, then its causes."""
    traces = [list(reversed(one.frames)) for one in reversed(event.exceptions) if one.frames]
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
    name = (frame.abs_path or frame.filename or "").replace("\\", "/")
    matches = [path for path in known.get(name.rpartition("/")[2], ()) if same_file(name, path)]
    return matches[0] if len(matches) == 1 else None


def _places(event: SentryEvent | None, code: CodeEvidence) -> tuple[Place, ...]:
    places: list[Place] = []
    seen: set[tuple[str, str | None, int | None]] = set()
    weight = 1.0
    for path, frame, mapped in _located(event, code):
        identity = (path, frame.function, frame.line)
        if identity in seen or len(places) >= MAX_FRAMES:
            continue
        seen.add(identity)
        text, around = _source(frame, mapped)
        function = bare_function(frame.function)
        share = max(weight, MIN_WEIGHT)
        places.append(Place(path, function, frame.line, len(places), share, text, around))
        weight *= DEPTH_DECAY
    return tuple(places)


def _names(text: str) -> dict[str, float]:
    """Identifiers named by the error, the most pointed ones at 1.0."""
    names: dict[str, float] = {}
    pointed = [match[1] for pattern in (_QUOTED, _CALLED, _LABELLED) for match in pattern.finditer(text)]
    for phrase, weight in [(phrase, 1.0) for phrase in pointed] + [
        (match[0], 0.7) for match in _COMPOUND.finditer(text)
    ]:
        if len(phrase.split()) > 4:
            continue
        for name in identifiers(phrase):
            names[name] = max(names.get(name, 0.0), weight)
    return names


def read(event: SentryEvent | None, code: CodeEvidence) -> Crash:
    exceptions = event.exceptions if event else ()
    values = [one.value or "" for one in exceptions] or ([event.message or event.title] if event else [])
    text = "\n".join(dict.fromkeys(value for value in values if value))[:4_000]
    types = [one.type for one in exceptions if one.type]
    names = {name: 0.5 for kind in types for name in identifiers(kind)} | _names(text)
    words = {part: 1.0 for word in identifiers(text) for part in parts(word) if part not in COMMONPLACE}
    for part in (part for name in types for part in parts(name) if part not in COMMONPLACE):
        words.setdefault(part, 0.5)
    frames = [frame for one in exceptions for frame in one.frames]
    packages = {package for frame in frames if (package := _package(frame))}
    return Crash(_places(event, code), names, words, frozenset(packages), "\n".join([*types, text]))


_INSTALLED = re.compile(
    r"(?:site-packages|dist-packages|node_modules|gems|pkg/mod/[^/]+|vendor)/(@[^/]+/[^/]+|[^/@]+)"
)


def _package(frame: Frame) -> str | None:
    """The library a frame belongs to, as dependency files spell it; None for the application's own."""
    if frame.in_app:
        return None
    path = frame.abs_path or frame.filename or ""
    if (match := _INSTALLED.search(path)) is not None:
        return re.sub(r"-[0-9][\w.]*$", "", match[1]).removesuffix(".py").lower()
    root = (frame.package or frame.module or "").split(".")[0]
    return root.lower() or None
