"""Which functions run below the lines of a trace, told by name from the texts at hand. Pure.

Names are all there is to go by in every language, so that a name shared by two functions stands for both.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from investigator.evidence.commits import is_boring
from investigator.github.answers import SourceFile
from investigator.models.evidence import CodeFrame
from investigator.suspects import edits
from investigator.suspects.patches import defined_name
from investigator.suspects.words import COMMONPLACE

MAX_DEPTH = 3
MAX_NAMES = 600
MAX_BODY = 150  # lines of one function that are read
MAX_FILE_LINES = 6_000
MAX_FILES = 30

_CALL = re.compile(r"([A-Za-z_$][\w$]*)[?!]?\s*\(")
_BARE_CALL = re.compile(r"\.([A-Za-z_$][\w$]*[?!]?)(?=\s|$|\.|\))")  # Ruby and properties call without ()
_IMPORT_WORDS = frozenset(
    {"import", "from", "require", "require_relative", "use", "using", "include", "const"}
)
_INDENT = re.compile(r"[ \t]*")


def to_read(changed: Sequence[str], known: Collection[str]) -> tuple[str, ...]:
    """Changed files whose text at the deployed SHA shows what they call; `changed`, likeliest first."""
    return tuple(path for path in changed if path not in known and not is_boring(path))[:MAX_FILES]


def below(
    frames: Iterable[CodeFrame], files: Mapping[str, SourceFile]
) -> tuple[tuple[tuple[str, int], ...], tuple[str, ...]]:
    """Names called in the functions of `frames` and by those in turn, each with how many calls below it is;
    and the names that the frames' files import. `files` are by path, at the deployed SHA."""
    texts = {path: file.text for path, file in files.items() if file.text}
    lines = {path: text.split("\n", MAX_FILE_LINES)[:MAX_FILE_LINES] for path, text in texts.items()}
    paths = dict.fromkeys(frame.path for frame in frames if frame.path)
    imported = {name for path in paths for line in lines.get(path, ()) for name in _imported(line)}
    return _calls(frames, lines), tuple(sorted(imported)[:MAX_NAMES])


def _imported(line: str) -> Iterable[str]:
    if not edits.imports(line):
        return ()
    return (name for name in re.split(r"\W+", line) if len(name) > 2 and name not in _IMPORT_WORDS)


def _calls(frames: Iterable[CodeFrame], lines: Mapping[str, list[str]]) -> tuple[tuple[str, int], ...]:
    bodies: dict[str, set[str]] = {}
    for each in lines.values():
        for name, start in _definitions(each):
            bodies.setdefault(name, set()).update(_called(_body(each, start)))
    depths: dict[str, int] = {}
    level = {name for frame in frames for name in _called(_around(lines.get(frame.path or ""), frame))}
    for depth in range(1, MAX_DEPTH + 1):
        level -= depths.keys()
        depths.update(dict.fromkeys(sorted(level)[: MAX_NAMES - len(depths)], depth))
        level = {below for name in level for below in bodies.get(name, ())}
    return tuple(sorted(depths.items()))


def _definitions(lines: list[str]) -> list[tuple[str, int]]:
    return [(name, index) for index, line in enumerate(lines) if (name := defined_name(line)) is not None]


def _around(lines: list[str] | None, frame: CodeFrame) -> list[str]:
    """The body of the function in which the frame's line lies."""
    if lines is None or not frame.frame.line or frame.frame.line > len(lines):
        return [text for _, text in frame.lines]
    at = frame.frame.line - 1
    start = next(
        (
            index
            for index in range(at, max(at - MAX_BODY, -1), -1)
            if defined_name(lines[index]) and (index == at or _indent(lines[index]) < _indent(lines[at]))
        ),
        at,
    )
    return _body(lines, start)


def _body(lines: list[str], start: int) -> list[str]:
    """The lines below the definition at `start`, as far as they are indented deeper than it."""
    depth = _indent(lines[start])
    body: list[str] = []
    for line in lines[start + 1 : start + 1 + MAX_BODY]:
        if line.strip() and _indent(line) <= depth and not line.strip().startswith((")", "]", "{")):
            break
        body.append(line)
    return body


def _indent(line: str) -> int:
    match = _INDENT.match(line.expandtabs(4))
    return match.end() if match else 0


def _called(lines: Iterable[str]) -> set[str]:
    text = "\n".join(lines)
    found = {*_CALL.findall(text), *_BARE_CALL.findall(text)}
    return {name for name in found if len(name.strip("_")) > 2 and name not in COMMONPLACE}
