"""Questions a code host answers from a clone alone. Answers about full object ids are remembered."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from sandbox.github import diff, parse
from sandbox.github.git import Git
from sandbox.github.memo import Gather, Memo
from sandbox.github.names import BadName, clean_path, clean_ref, is_full_id, is_short_id, split_revision
from sandbox.github.values import (
    BlameRange,
    Commit,
    Divergence,
    FileDiff,
    ObjectInfo,
    Ref,
    Selection,
    TreeEntry,
)

MAX_FILES = 300


class Reader:
    """Reads one repository. `default_branch` None: the branch the clone has checked out."""

    def __init__(self, git: Git, default_branch: str | None = None) -> None:
        self.git = git
        self._default_branch = default_branch
        self._infos: Gather[str, ObjectInfo | None] = Gather(self._ask_infos)
        self._commits: Gather[str, Commit] = Gather(self._ask_commits)
        self._changes: Gather[str, tuple[FileDiff, ...]] = Gather(self._ask_changes)
        self._known_commits: Memo[str, Commit] = Memo(4096)
        self._known_changes: Memo[str, tuple[FileDiff, ...]] = Memo(2048)
        self._blames: Memo[tuple[str, str], tuple[BlameRange, ...]] = Memo()
        self._patches: Memo[tuple[str, str], tuple[FileDiff, ...]] = Memo()
        self._shallow: frozenset[str] | None = None

    # Names

    async def default_branch(self) -> str:
        """Name of the default branch; `HEAD` when a detached clone has no branch at all."""
        if self._default_branch is not None:
            return self._default_branch
        for ref, prefix in (("HEAD", "refs/heads/"), ("refs/remotes/origin/HEAD", "refs/remotes/origin/")):
            found = (await self.git.text("symbolic-ref", "--quiet", ref, accept=(0, 1))).strip()
            if found.startswith(prefix):
                return found.removeprefix(prefix)
        for name in ("main", "master"):
            if await self.ref(f"refs/heads/{name}"):
                return name
        return "HEAD"

    async def info(self, expression: str) -> ObjectInfo | None:
        """What `main`, `v1`, `HEAD~2`, an object id or `rev:path` names, None when there is nothing.

        Raises BadName for what can be no name.
        """
        revision, colon, path = expression.partition(":")
        base, steps = split_revision(revision)
        suffix = f"{steps}:{clean_path(path)}" if colon else steps
        for candidate in self._candidates(base):
            info = await self._infos.get(candidate + suffix)
            if info is not None:
                return info
        return None

    async def commit_id(self, revision: str) -> str | None:
        """Full id of the commit that a branch, tag, (short) id or expression names. Raises BadName."""
        info = await self.info(f"{revision}^{{commit}}")
        return info.sha if info else None

    async def ref(self, name: str) -> Ref | None:
        """A reference by its full name; a branch known only from `origin` counts as the host's own."""
        clean_ref(name)
        for candidate in _ref_candidates(name):
            info = await self._infos.get(candidate)
            if info is not None:
                return Ref(name, info.sha, info.kind)
        return None

    async def refs(self, prefix: str, limit: int, *, sort: str = "refname") -> list[Ref]:
        """References below `refs/heads/` or `refs/tags/`; a clone's remote branches are the host's own."""
        text = await self.git.text(
            "for-each-ref", f"--sort={sort}", f"--count={limit}", parse.REF_FORMAT, prefix
        )
        found = parse.refs(text)
        if prefix == "refs/heads/":
            origin = "refs/remotes/origin/"
            more = await self.git.text("for-each-ref", f"--count={limit}", parse.REF_FORMAT, origin)
            known = {ref.name for ref in found}
            remote = [Ref(r.name.replace(origin, prefix, 1), r.sha, r.kind) for r in parse.refs(more)]
            found += [ref for ref in remote if ref.name not in known and ref.name != "refs/heads/HEAD"]
        return found[:limit]

    def _candidates(self, base: str) -> list[str]:
        if is_full_id(base):
            return [base]
        if base == "HEAD":
            return _ref_candidates(f"refs/heads/{self._default_branch}") if self._default_branch else ["HEAD"]
        if base.startswith("refs/"):
            return _ref_candidates(base)
        names = [*_ref_candidates(f"refs/heads/{base}"), f"refs/tags/{base}"]
        return [*names, base] if is_short_id(base) else names

    async def _ask_infos(self, names: Sequence[str]) -> list[ObjectInfo | None]:
        if any("\n" in name for name in names):
            raise BadName("a name has no line breaks")
        stdin = "".join(f"{name}\n" for name in names).encode()
        answer = await self.git.text("cat-file", "--batch-check", stdin=stdin)
        return [parse.object_info(line) for line in answer.splitlines()]

    # Objects

    async def commit(self, sha: str) -> Commit:
        """A commit by its full id. Raises GitFailed when there is none."""
        return await self._known_commits.get(sha, lambda: self._commits.get(sha))

    async def commits(self, shas: Sequence[str]) -> list[Commit]:
        return list(await asyncio.gather(*(self.commit(sha) for sha in shas)))

    async def _ask_commits(self, shas: Sequence[str]) -> list[Commit]:
        stdin = "".join(f"{sha}\n" for sha in shas).encode()
        text = await self.git.text("log", "--no-walk=unsorted", "--stdin", parse.COMMIT_FORMAT, stdin=stdin)
        found = {commit.sha: commit for commit in parse.commits(text)}
        return [found[sha] for sha in shas]

    async def blob(self, sha: str) -> bytes:
        return await self.git.run("cat-file", "blob", sha)

    async def tree(self, sha: str, *, recursive: bool = False) -> list[TreeEntry]:
        options = ("-r", "-t") if recursive else ()
        return parse.tree(await self.git.text("ls-tree", "-z", "--long", *options, "--end-of-options", sha))

    # History

    async def log(self, selection: Selection, *, limit: int, skip: int = 0) -> list[Commit]:
        """Selected commits, newest first."""
        options = (f"--max-count={limit}", f"--skip={skip}", parse.COMMIT_FORMAT)
        return parse.commits(await self.git.text("log", *options, *_arguments(selection)))

    async def count(self, selection: Selection) -> int:
        return int(await self.git.text("rev-list", "--count", *_arguments(selection)))

    async def divergence(self, base: str, head: str) -> Divergence:
        """How far the full id `head` is from `base`."""
        counts, merge_base = await asyncio.gather(
            self.git.text("rev-list", "--left-right", "--count", f"{base}...{head}", "--"),
            self.git.text("merge-base", base, head, accept=(0, 1)),
        )
        behind, ahead = counts.split()
        return Divergence(merge_base.strip() or None, int(ahead), int(behind))

    async def blame(self, sha: str, path: str) -> tuple[BlameRange, ...]:
        """Blame of `path` at the full id `sha`. Raises GitFailed when there is no such file."""
        clean = clean_path(path)
        return await self._blames.get((sha, clean), lambda: self._ask_blame(sha, clean))

    async def _ask_blame(self, sha: str, path: str) -> tuple[BlameRange, ...]:
        return parse.blame(await self.git.text("blame", "--no-textconv", "--porcelain", sha, "--", path))

    # Differences

    async def changes(self, sha: str) -> tuple[FileDiff, ...]:
        """Files a commit changed against its first parent, without patches.

        Empty for a commit at the edge of a shallow clone, whose parent is not there to compare with.
        """
        return await self._known_changes.get(sha, lambda: self._changes.get(sha))

    async def _ask_changes(self, shas: Sequence[str]) -> list[tuple[FileDiff, ...]]:
        edge = await self._edge()
        commits = [commit for commit in await self.commits(shas) if commit.sha not in edge]
        stdin = "".join(f"{' '.join((commit.sha, *commit.parents[:1]))}\n" for commit in commits).encode()
        options = ("-r", "-M", "--root", "--raw", "--numstat", "-z", "--no-ext-diff", "--no-textconv")
        found = diff.parse_changes(await self.git.text("diff-tree", "--stdin", *options, stdin=stdin))
        return [found.get(sha, ()) for sha in shas]

    async def patches(self, sha: str) -> tuple[FileDiff, ...]:
        """Like `changes`, with the patch of the first MAX_FILES files."""
        commit, files = await asyncio.gather(self.commit(sha), self.changes(sha))
        base = commit.parents[0] if commit.parents else await self._empty_tree()
        return await self._patches.get((base, sha), lambda: self._ask_patches(base, sha, files))

    async def compare_files(self, base: str, head: str) -> tuple[FileDiff, ...]:
        """Files that differ between two full ids, with the patch of the first MAX_FILES files."""
        return await self._patches.get((base, head), lambda: self._ask_comparison(base, head))

    async def _ask_comparison(self, base: str, head: str) -> tuple[FileDiff, ...]:
        options = ("-r", "-M", "--raw", "--numstat", "-z", "--no-ext-diff", "--no-textconv")
        text = await self.git.text("diff-tree", *options, base, head, "--")
        files = diff.parse_changes(f"comparison\0{text}").get("comparison", ())
        return await self._ask_patches(base, head, files)

    async def _ask_patches(self, base: str, head: str, files: tuple[FileDiff, ...]) -> tuple[FileDiff, ...]:
        shown = files[:MAX_FILES]
        if not shown:
            return files
        names = sorted({name for file in shown for name in (file.path, file.previous_path) if name})
        paths = [f":(top,literal){name}" for name in names] if len(files) > MAX_FILES else []
        options = ("--patch", "-M", "--no-color", "--no-ext-diff", "--no-textconv")
        text = await self.git.text("diff", *options, base, head, "--", *paths)
        return diff.with_patches(shown, text) + files[MAX_FILES:]

    async def _empty_tree(self) -> str:
        return (await self.git.text("hash-object", "-t", "tree", "--stdin")).strip()

    async def _edge(self) -> frozenset[str]:
        if self._shallow is None:
            name = (await self.git.text("rev-parse", "--git-path", "shallow")).rstrip("\n")
            file = await self.git.directory() / Path(name)
            self._shallow = frozenset(file.read_text().split()) if file.is_file() else frozenset()
        return self._shallow


def _ref_candidates(name: str) -> list[str]:
    if name.startswith("refs/heads/"):
        branch = name.removeprefix("refs/heads/")
        return ["HEAD"] if branch == "HEAD" else [name, f"refs/remotes/origin/{branch}"]
    return [name]


def _arguments(selection: Selection) -> list[str]:
    since, until, author = selection.since, selection.until, selection.author
    options = [f"--since={since.isoformat()}"] if since else []
    options += [f"--until={until.isoformat()}"] if until else []
    options += ["--fixed-strings", f"--author={author}"] if author else []
    exclude = [f"^{selection.exclude}"] if selection.exclude else []
    paths = [f":(top,literal){clean_path(selection.path)}"] if selection.path else []
    return [*options, selection.tip, *exclude, "--", *paths]
