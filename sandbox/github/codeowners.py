"""Finds the lines of a CODEOWNERS file that the host would not accept."""

from __future__ import annotations

import re
from dataclasses import dataclass

LOCATIONS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
_OWNER = re.compile(r"@[\w.-]+(?:/[\w.-]+)?|[^@\s]+@[^@\s]+\.[^@\s]+")
_WORD = re.compile(r"(?:\\.|\S)+")
_BAD_PATTERN = re.compile(r"^!|\[|^\\#|\*\*\*")


@dataclass(frozen=True, slots=True)
class OwnersError:
    """One refused line; `line` and `column` count from 1."""

    kind: str
    line: int
    column: int
    message: str
    path: str
    source: str
    suggestion: str | None = None


def errors(path: str, text: str) -> list[OwnersError]:
    found = []
    for number, source in enumerate(text.splitlines(), start=1):
        if source.strip() and not source.lstrip().startswith("#"):
            found += _line_errors(path, number, source)
    return found


def _line_errors(path: str, number: int, source: str) -> list[OwnersError]:
    pattern, *owners = _WORD.finditer(source.partition(" #")[0])
    bad = []
    if _BAD_PATTERN.search(pattern[0]):
        bad.append(("Invalid pattern", pattern.start()))
    bad += [("Invalid owner", owner.start()) for owner in owners if not _OWNER.fullmatch(owner[0])]
    return [
        OwnersError(kind, number, start + 1, f"{kind} on line {number}", path, source) for kind, start in bad
    ]
