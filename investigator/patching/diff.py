"""A unified diff that `git apply` takes. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence

CONTEXT_LINES = 3
_LINE = re.compile(r"[^\n]*\n|[^\n]+")  # as git counts them: nothing else of Unicode's ends one
_NO_END = "\\ No newline at end of file\n"


def unified(files: Mapping[str, tuple[str, str]]) -> str:
    """The changes of files by path, each (before, after); empty when nothing changed."""
    return "".join(line for path, versions in files.items() for line in _file(path, *versions))


def _file(path: str, before: str, after: str) -> Iterator[str]:
    if before == after:
        return
    yield f"diff --git a/{path} b/{path}\n"
    yield from hunks(lines_of(before), lines_of(after), f"a/{path}", f"b/{path}")


def lines_of(text: str) -> list[str]:
    return _LINE.findall(text)


def hunks(old: Sequence[str], new: Sequence[str], name: str, name_after: str) -> Iterator[str]:
    """The lines of a diff from the names on; nothing when both are the same."""
    for line in difflib.unified_diff(old, new, name, name_after, n=CONTEXT_LINES):
        yield line if line.endswith("\n") else f"{line}\n{_NO_END}"
