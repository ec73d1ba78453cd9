"""Patches of many commits from one question: both versions of each file, compared here. Pure.

GitHub serves the patch of a commit one commit a request, but the text of many files at many commits in one.
"""

from __future__ import annotations

from collections.abc import Mapping

from investigator.evidence.commits import is_boring
from investigator.evidence.line_diff import line_diff
from investigator.github.answers import SourceFile
from investigator.models.base import Value
from investigator.models.evidence import Commit, FileChange

MAX_PAIRS = 80
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
    """Changes without a patch, those of the stack's `files` and of its language first.

    `sources` tell which files are too large.
    """
    languages = {_suffix(path) for path in files}
    found = [
        Versions(sha=commit.sha, parent=commit.parents[0], change=change)
        for commit in commits
        if len(commit.parents) == 1
        for change in commit.files or ()
        if change.patch is None and not is_boring(change.path) and _is_small(sources.get(change.path))
    ]
    found.sort(key=lambda each: (each.change.path not in files, _suffix(each.change.path) not in languages))
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
    before = next((texts[name] for name in each.before if name in texts), None)
    if (after is None and before is None) or any(side and side.text is None for side in (before, after)):
        return each.change  # binary, too large, or not told
    status = "added" if before is None else "removed" if after is None else "modified"
    diff = line_diff((before and before.text) or "", (after and after.text) or "")
    if diff is None:
        return each.change.model_copy(update={"status": status})
    told = {"patch": diff.patch, "additions": diff.additions, "deletions": diff.deletions}
    return each.change.model_copy(update={"status": status, **told})


def _suffix(path: str) -> str:
    return path.rpartition(".")[2]


def _is_small(source: SourceFile | None) -> bool:
    return source is None or source.size <= MAX_FILE_BYTES
