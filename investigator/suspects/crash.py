"""What the event says: its places in the repository, and the names and words of the error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from investigator.models.evidence import CodeEvidence
from investigator.models.sentry import Frame, SentryEvent
from investigator.suspects import edits
from investigator.suspects.trace import Place, places
from investigator.suspects.words import COMMONPLACE, identifiers, parts

_QUOTED = re.compile(r"['\"`‘“«]([^'\"`’”»\n]{2,80})['\"`’”»]")
_CALLED = re.compile(r"([A-Za-z_$][\w$]*)\(\)")
_COMPOUND = re.compile(
    r"\b(?:[A-Za-z]\w*_\w+|[a-z]+[A-Z]\w*|[A-Z][a-z0-9]+[A-Z]\w*|[A-Za-z_]\w*(?:[.:/]\w{3,})+)\b"
)
_NOT_LOADED = re.compile(
    r"(?i)\b(?:no module named|cannot (?:find|resolve) (?:module|package)|such file --|class not found:?|"
    r"ClassNotFoundException:?|NoClassDefFoundError:?|assembly)\s+[\"'`]?(@?[\w$][\w$./@-]*)"
)
_LABELLED = re.compile(
    r"(?i)\b(?:column|table|relation|keyword|attribute|argument|parameter|field|key|variable|property|method|"
    r"function|module|package|setting|option|constant|constraint|index|near|name)(?: named| name)?:?\s+"
    r"[\"'`]?([A-Za-z_$][\w$.]*)"
)


_ZERO = re.compile(r"(?i)\bby (zero|0)\b|division by|divide by|ZeroDivision|non-?zero")
_ABSENT = re.compile(
    r"(?i)none|null|\bnil\b|undefined|keyerror|no(t)? (such )?(key|index|found)|missing|"
    r"out of (range|bounds)|empty|zero|does not exist|required"
)


_UNLOADABLE = re.compile(
    r"(?i)ModuleNotFound|ImportError|no module named|cannot (find|resolve) (module|package)|LoadError|"
    r"ClassNotFound|NoClassDefFound|class not found|cannot load such file|could not load (file or )?assembly"
)


@dataclass(frozen=True, slots=True)
class Crash:
    """`names` are identifiers that the error names, `words` all its words, each with a weight (0 to 1)."""

    places: tuple[Place, ...]
    names: Mapping[str, float]
    words: Mapping[str, float]
    packages: frozenset[str]  # libraries in the trace that are not the application's own
    text: str
    absent: bool = False  # whether something was missing, empty or zero
    unloadable: bool = False  # whether a module, package or class could not be found
    numbers: frozenset[str] = frozenset()
    frames: tuple[Frame, ...] = ()  # of the application, from the crash outwards
    submodules: tuple[str, ...] = ()  # through which they run


def _names(text: str) -> dict[str, float]:
    """Identifiers named by the error, the most pointed ones at 1.0."""
    names: dict[str, float] = {}
    pointed = [
        match[1] for pattern in (_QUOTED, _CALLED, _NOT_LOADED, _LABELLED) for match in pattern.finditer(text)
    ]
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
    whole = "\n".join([*types, text])
    return Crash(
        places=places(event, code),
        names=names,
        words=words,
        packages=frozenset(packages),
        text=whole,
        absent=_ABSENT.search(whole) is not None,
        unloadable=_UNLOADABLE.search(whole) is not None,
        numbers=frozenset(edits.numbers([text])) | ({"0"} if _ZERO.search(whole) else set()),
        frames=tuple(frame for frame in reversed(frames) if frame.in_app is not False),
        submodules=code.submodules,
    )


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
