"""Patches of many commits from one question: both versions of each file, compared here. Pure.

GitHub serves the patch of a commit one commit a request, but the text of many files at many commits in one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from investigator.evidence.commits import is_boring
from investigator.evidence.line_diff import line_diff
from investigator.github.answers import SourceFile
from investigator.models.base import Value
from investigator.models.evidence import Commit, FileChange
from investigator.suspects.paths import kind, nearness

MAX_PAIRS = 100
MAX_FILE_BYTES = 400_000


class Versions(Value):
    """What `sha` did to `change.path`: its text there and at the commit's parent."""

    sha: str
    parent: str
    change: FileChange

    @property
    def after(self) -> str:
        return f"{self.sha}:{self.change.path}"

    @property
    def before(self) -> tuple[str, ...]:
        """Where the old text may be: under the same path, or the one it was renamed from."""
        names = filter(None, (self.change.path, self.change.previous_path))
        return tuple(f"{self.parent}:{name}" for name in names)


def unknown(
    commits: tuple[Commit, ...], files: tuple[str, ...], sources: Mapping[str, SourceFile]
) -> tuple[Versions, ...]:
    """Changes without a patch, those of the stack's `files` and of its language first. Of what seldom breaks
    production only dependencies count: an upgrade is often told by a lock file alone.

    `sources` tell which files are too large.
    """
    languages = {_suffix(path) for path in files}
    found = [
        Versions(sha=commit.sha, parent=commit.parents[0], change=change)
        for commit in commits
        if len(commit.parents) == 1
        for change in commit.files or ()
        if change.patch is None and _may_tell(change.path) and _is_small(sources.get(change.path))
    ]
    found.sort(
        key=lambda each: (
            each.change.path not in files,
            _suffix(each.change.path) not in languages,
            -nearness(each.change.path, files),
        )
    )
    return tuple(found[:MAX_PAIRS])


def expressions(wanted: tuple[Versions, ...]) -> tuple[str, ...]:
    """`SHA:path` of every text needed."""
    return tuple(dict.fromkeys(name for each in wanted for name in (each.after, *each.before)))


def filled(
    commits: tuple[Commit, ...], wanted: tuple[Versions, ...], texts: Mapping[str, SourceFile]
) -> tuple[Commit, ...]:
    """`commits` with the patches that `texts` tell."""
    compared = {(each.sha, each.change.path): _compared(each, texts) for each in wanted}
    return tuple(
        commit.model_copy(
            update={
                "files": commit.files
                and tuple(compared.get((commit.sha, change.path), change) for change in commit.files)
            }
        )
        for commit in commits
    )


def _compared(each: Versions, texts: Mapping[str, SourceFile]) -> FileChange:
    after = texts.get(each.after)
    came_from = next((name for name in each.before if name in texts), None)
    before = texts[came_from] if came_from else None
    if (after is None and before is None) or any(side and side.text is None for side in (before, after)):
        return each.change  # binary, too large, or not told
    told = _what_became(each, before, after, renamed=came_from not in {None, each.before[0]})
    diff = line_diff((before and before.text) or "", (after and after.text) or "")
    if diff is not None:
        told |= {"patch": diff.patch, "additions": diff.additions, "deletions": diff.deletions}
    return each.change.model_copy(update=told)


def _what_became(
    each: Versions, before: SourceFile | None, after: SourceFile | None, *, renamed: bool
) -> dict[str, Any]:
    """Only one commit gave a renamed file its name; to the others it is a file like any other."""
    if renamed:
        return {"status": "renamed" if after else "removed", "previous_path": each.change.previous_path}
    status = "added" if before is None else "removed" if after is None else "modified"
    return {"status": status, "previous_path": None}


def _may_tell(path: str) -> bool:
    return not is_boring(path) or kind(path) == "dependency"


def _suffix(path: str) -> str:
    return path.rpartition(".")[2]


def _is_small(source: SourceFile | None) -> bool:
    return source is None or source.size <= MAX_FILE_BYTES
