"""Reads what changed between commits, with and without the text of the patches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sandbox.github import diff
from sandbox.github.git import Git
from sandbox.github.memo import Gather, Memo
from sandbox.github.reader import Reader
from sandbox.github.values import FileDiff

MAX_FILES = 300
_SAFE = ("-M", "--no-ext-diff", "--no-textconv")
_PRINTED = ("--no-color", "--src-prefix=a/", "--dst-prefix=b/", *_SAFE)
_SHAPE = ("--stdin", "-r", "--root", "--raw", "--numstat", "-z", *_SAFE)

Files = tuple[FileDiff, ...]
Pair = tuple[str | None, str]  # base and head as full ids; base None: against nothing


class Differences:
    """Differences of one repository. Renames are followed; the first MAX_FILES files get a patch."""

    def __init__(self, git: Git, reader: Reader) -> None:
        self._git = git
        self._reader = reader
        self._files: Gather[Pair, Files] = Gather(self._ask_files)
        self._known_files: Memo[Pair, Files] = Memo(2048)
        self._known_patches: Memo[Pair, Files] = Memo()
        self._shallow: Memo[str, frozenset[str]] = Memo()

    async def files(self, base: str | None, head: str) -> Files:
        """Files that differ between two commits, without patches."""
        return await self._known_files.get((base, head), lambda: self._files.get((base, head)))

    async def patches(self, base: str | None, head: str) -> Files:
        """Like `files`, with patches."""
        return await self._known_patches.get((base, head), lambda: self._ask_patches(base, head))

    async def files_of(self, sha: str) -> Files:
        """Files a commit changed against its first parent, without patches.

        Empty for a commit at the edge of a shallow clone, whose parent is not there to compare with.
        """
        return () if sha in await self._edge() else await self.files(await self._first_parent(sha), sha)

    async def patches_of(self, sha: str) -> Files:
        """Like `files_of`, with patches."""
        return () if sha in await self._edge() else await self.patches(await self._first_parent(sha), sha)

    async def _first_parent(self, sha: str) -> str | None:
        parents = (await self._reader.commit(sha)).parents
        return parents[0] if parents else None

    async def _ask_files(self, pairs: Sequence[Pair]) -> list[Files]:
        found: dict[Pair, Files] = {}
        waiting = list(pairs)
        while waiting:
            # git labels an answer with its head alone: one base per head in each round
            round_of = {head: base for base, head in reversed(waiting)}
            lines = "".join(f"{head} {base}\n" if base else f"{head}\n" for head, base in round_of.items())
            text = await self._git.text("diff-tree", *_SHAPE, stdin=lines.encode())
            answers = diff.parse_changes(text)
            found |= {(base, head): answers.get(head, ()) for head, base in round_of.items()}
            waiting = [pair for pair in waiting if pair not in found]
        return [found[pair] for pair in pairs]

    async def _ask_patches(self, base: str | None, head: str) -> Files:
        files = await self.files(base, head)
        shown = [file for file in files[:MAX_FILES] if diff.is_shown(file)]
        if not shown:
            return files
        names = sorted({name for file in shown for name in (file.path, file.previous_path) if name})
        paths = [f":(top,literal){name}" for name in names] if len(files) > len(shown) else []
        start = base or await self._empty_tree()
        text = await self._git.text("diff", "--patch", *_PRINTED, start, head, "--", *paths)
        return diff.with_patches(files, text)

    async def _empty_tree(self) -> str:
        return (await self._git.text("hash-object", "-t", "tree", "--stdin")).strip()

    async def _edge(self) -> frozenset[str]:
        return await self._shallow.get("shallow", self._ask_edge)

    async def _ask_edge(self) -> frozenset[str]:
        name = (await self._git.text("rev-parse", "--git-path", "shallow")).rstrip("\n")
        file = await self._git.directory() / Path(name)
        return frozenset(file.read_text().split()) if file.is_file() else frozenset()
