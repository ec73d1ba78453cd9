"""Reads commits, files, histories and blame. Answers about full object ids are remembered."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sandbox.github import parse
from sandbox.github.git import Git, GitFailed
from sandbox.github.memo import Gather, Memo
from sandbox.github.names import clean_path
from sandbox.github.values import BlameRange, Commit, Divergence, Selection, TreeEntry


class Reader:
    """Reads one repository by full object ids."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._commits: Gather[str, Commit] = Gather(self._ask_commits)
        self._blobs: Gather[str, bytes | None] = Gather(self._ask_blobs)
        self._known_commits: Memo[str, Commit] = Memo(4096)
        self._blames: Memo[tuple[str, str], tuple[BlameRange, ...]] = Memo()

    async def commit(self, sha: str) -> Commit:
        """A commit by its full id. Raises GitFailed when there is none."""
        return await self._known_commits.get(sha, lambda: self._commits.get(sha))

    async def commits(self, shas: Sequence[str]) -> list[Commit]:
        return list(await asyncio.gather(*(self.commit(sha) for sha in shas)))

    async def _ask_commits(self, shas: Sequence[str]) -> list[Commit]:
        stdin = "".join(f"{sha}\n" for sha in shas).encode()
        text = await self._git.text("log", "--no-walk=unsorted", "--stdin", parse.COMMIT_FORMAT, stdin=stdin)
        found = {commit.sha: commit for commit in parse.commits(text)}
        return [found[sha] for sha in shas]

    async def blob(self, sha: str) -> bytes:
        """A file by its full id. Raises GitFailed when there is none."""
        content = await self._blobs.get(sha)
        if content is None:
            raise GitFailed(f"{sha} is no file of this repository")
        return content

    async def _ask_blobs(self, shas: Sequence[str]) -> list[bytes | None]:
        stdin = "".join(f"{sha}\n" for sha in shas).encode()
        return parse.blobs(await self._git.run("cat-file", "--batch", stdin=stdin))

    async def tree(self, sha: str, *, recursive: bool = False) -> list[TreeEntry]:
        options = ("-r", "-t") if recursive else ()
        return parse.tree(await self._git.text("ls-tree", "-z", "--long", *options, "--end-of-options", sha))

    async def log(self, selection: Selection, *, limit: int, skip: int = 0) -> list[Commit]:
        """Selected commits, newest first."""
        options = (f"--max-count={limit}", f"--skip={skip}", parse.COMMIT_FORMAT)
        return parse.commits(await self._git.text("log", *options, *_arguments(selection)))

    async def count(self, selection: Selection) -> int:
        return int(await self._git.text("rev-list", "--count", *_arguments(selection)))

    async def divergence(self, base: str, head: str) -> Divergence:
        """How far the full id `head` is from `base`."""
        counts, merge_base = await asyncio.gather(
            self._git.text("rev-list", "--left-right", "--count", f"{base}...{head}", "--"),
            self._git.text("merge-base", base, head, accept=(0, 1)),
        )
        behind, ahead = counts.split()
        return Divergence(merge_base.strip() or None, int(ahead), int(behind))

    async def blame(self, sha: str, path: str) -> tuple[BlameRange, ...]:
        """Blame of `path` at the full id `sha`. Raises GitFailed when there is no such file."""
        clean = clean_path(path)
        return await self._blames.get((sha, clean), lambda: self._ask_blame(sha, clean))

    async def _ask_blame(self, sha: str, path: str) -> tuple[BlameRange, ...]:
        return parse.blame(await self._git.text("blame", "--no-textconv", "--porcelain", sha, "--", path))


def _arguments(selection: Selection) -> list[str]:
    since, until, author = selection.since, selection.until, selection.author
    options = [f"--since={since.isoformat()}"] if since else []
    options += [f"--until={until.isoformat()}"] if until else []
    options += ["--fixed-strings", f"--author={author}"] if author else []
    exclude = [f"^{selection.exclude}"] if selection.exclude else []
    paths = [f":(top,literal){clean_path(selection.path)}"] if selection.path else []
    return [*options, selection.tip, *exclude, "--", *paths]
