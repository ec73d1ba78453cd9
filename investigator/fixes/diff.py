"""Changes of files as a diff that `git apply` takes: modes, new and deleted files included. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from investigator.models.fix import Change, File
from investigator.patching.diff import hunks, lines_of


def git_diff(changes: Iterable[Change]) -> str:
    """Texts keep their surrogate escapes: encode it with them to get the bytes of the files."""
    return "".join(line for change in changes for line in _file(change))


def changed_lines(diff: str) -> int:
    """How many lines a diff takes away or brings in."""
    return sum(
        line.startswith(("+", "-")) and not line.startswith(("+++ ", "--- ")) for line in diff.split("\n")
    )


def _file(change: Change) -> Iterator[str]:
    path, before, after = change.path, change.before, change.after
    if before is None and after is None:
        return
    yield f"diff --git a/{path} b/{path}\n"
    yield from _mode(before, after)
    old, new = _lines(before), _lines(after)
    if old == new:
        return
    end = "\t" if " " in path else ""  # how git tells where a name with spaces ends
    names = (f"a/{path}{end}" if before else "/dev/null", f"b/{path}{end}" if after else "/dev/null")
    yield f"--- {names[0]}\n"
    yield f"+++ {names[1]}\n"
    yield from islice(hunks(old, new, "", ""), 2, None)  # the names are git's, with tabs


def _mode(before: File | None, after: File | None) -> Iterator[str]:
    if before is None and after is not None:
        yield f"new file mode {after.mode:o}\n"
    elif after is None and before is not None:
        yield f"deleted file mode {before.mode:o}\n"
    elif before and after and before.mode != after.mode:
        yield f"old mode {before.mode:o}\n"
        yield f"new mode {after.mode:o}\n"


def _lines(file: File | None) -> list[str]:
    return lines_of(file.text or "") if file else []
