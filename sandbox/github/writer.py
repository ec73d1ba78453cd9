"""Makes objects, commits and branches with git's plumbing: no work tree, no index of the clone is touched."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.github.git import Git, GitFailed
from sandbox.github.names import BadName, clean_path, clean_ref

VIEWER = "pilot-sandbox[bot]"
_EMAIL = f"{VIEWER}@users.noreply.github.com"
_NOTHING = "0" * 40


class Rejected(Exception):
    """A write the host refuses; `kind` is GitHub's word for it: UNPROCESSABLE, STALE_DATA or FORBIDDEN."""

    def __init__(self, message: str, kind: str = "UNPROCESSABLE") -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Entry:
    """One path of a tree to be written; `sha` None removes it."""

    path: str
    sha: str | None
    mode: str = "100644"


class Writer:
    """Writes into one repository. Every method raises GitFailed when git refuses."""

    def __init__(self, git: Git) -> None:
        self._git = git

    async def blob(self, content: bytes) -> str:
        return (await self._git.text("hash-object", "-w", "--stdin", stdin=content)).strip()

    async def tree(self, base: str | None, entries: Sequence[Entry]) -> str:
        """A tree like `base` (a full id) with `entries` changed. Raises BadName for a bad path."""
        lines = [f"{e.mode if e.sha else 0} {e.sha or _NOTHING}\t{_file_path(e.path)}\0" for e in entries]
        with tempfile.TemporaryDirectory(prefix="sandbox-index-") as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
            if base is not None:
                await self._git.run("read-tree", "--end-of-options", base, environment=index)
            changes = "".join(lines).encode()
            await self._git.run("update-index", "-z", "--index-info", stdin=changes, environment=index)
            return (await self._git.run("write-tree", environment=index)).decode().strip()

    async def commit(self, tree: str, parents: Sequence[str], message: str) -> str:
        """A commit by the sandbox's own account, now."""
        options = [part for parent in parents for part in ("-p", parent)]
        written = await self._git.run(
            "commit-tree", *options, tree, stdin=message.encode(), environment=_identity()
        )
        return written.decode().strip()

    async def create_ref(self, name: str, sha: str) -> None:
        """Raises Rejected when the reference is there already or its name is none."""
        await self._update(name, sha, _NOTHING, f"Reference already exists: {name}")

    async def move_ref(self, name: str, sha: str, old: str) -> None:
        """Raises Rejected (STALE_DATA) when the reference no longer points at `old`."""
        message = f'Expected branch to point to "{old}" but it did not. Pull and try again.'
        await self._update(name, sha, old, message, "STALE_DATA")

    async def delete_ref(self, name: str) -> None:
        await self._git.run("update-ref", "-d", "--end-of-options", _branch_or_tag(name))

    async def _update(self, name: str, sha: str, old: str, message: str, kind: str = "UNPROCESSABLE") -> None:
        try:
            await self._git.run("update-ref", "--end-of-options", _branch_or_tag(name), sha, old)
        except GitFailed as error:
            raise Rejected(message, kind) from error

    async def undo(self, sha: str, parent: str, onto: str, tree_of: Mapping[str, str]) -> str:
        """The tree of `onto` without what `sha` changed against `parent`, by a three-way merge.

        `tree_of` maps these three commits to their trees. Raises Rejected when the merge has conflicts.
        """
        base = await self.commit(tree_of[sha], [], "changed")
        ours = await self.commit(tree_of[onto], [base], "now")
        theirs = await self.commit(tree_of[parent], [base], "before")
        try:
            merged = await self._git.text("merge-tree", "--write-tree", "--no-messages", ours, theirs)
        except GitFailed as error:
            raise Rejected("This pull request cannot be reverted automatically: it has conflicts") from error
        return merged.strip()


def _file_path(path: str) -> str:
    clean = clean_path(path)
    if not clean:
        raise BadName("path cannot be empty")
    return clean


def _branch_or_tag(name: str) -> str:
    if not name.startswith(("refs/heads/", "refs/tags/")):
        raise Rejected(f"Reference name must start with 'refs/heads/' or 'refs/tags/': {name!r}")
    try:
        return clean_ref(name)
    except BadName as error:
        raise Rejected(f"{name!r} is not a valid ref name.") from error


def _identity() -> dict[str, str]:
    return {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", VIEWER), ("EMAIL", _EMAIL))
    }
