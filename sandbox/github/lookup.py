"""Finds what a name means: branches, tags, object ids and expressions such as `main~2:src/app.py`."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.github import parse
from sandbox.github.git import Git
from sandbox.github.memo import Gather
from sandbox.github.names import BadName, clean_path, clean_ref, is_full_id, is_short_id, split_revision
from sandbox.github.values import ObjectInfo, Ref

USUAL_BRANCHES = ("main", "master")


class Lookup:
    """Names of one repository. `default_branch` None: the branch the clone has checked out.

    Nothing is remembered: references move.
    """

    def __init__(self, git: Git, default_branch: str | None = None) -> None:
        self._git = git
        self._default_branch = default_branch
        self._infos: Gather[str, ObjectInfo | None] = Gather(self._ask_infos)

    async def default_branch(self) -> str:
        """Name of the default branch; `HEAD` when a detached clone has no branch at all."""
        if self._default_branch is not None:
            return self._default_branch
        unborn = None
        for ref, prefix in (("HEAD", "refs/heads/"), ("refs/remotes/origin/HEAD", "refs/remotes/origin/")):
            found = (await self._git.text("symbolic-ref", "--quiet", ref, accept=(0, 1))).strip()
            if found.startswith(prefix):
                name = found.removeprefix(prefix)
                if await self.ref(f"refs/heads/{name}"):
                    return name
                unborn = unborn or name
        for name in USUAL_BRANCHES:
            if await self.ref(f"refs/heads/{name}"):
                return name
        return unborn or "HEAD"

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
        text = await self._git.text(
            "for-each-ref", f"--sort={sort}", f"--count={limit}", parse.REF_FORMAT, prefix
        )
        found = parse.refs(text)
        if prefix == "refs/heads/":
            origin = "refs/remotes/origin/"
            more = await self._git.text("for-each-ref", f"--count={limit}", parse.REF_FORMAT, origin)
            known = {ref.name for ref in found}
            remote = [Ref(r.name.replace(origin, prefix, 1), r.sha, r.kind) for r in parse.refs(more)]
            found += [ref for ref in remote if ref.name not in known and ref.name != "refs/heads/HEAD"]
        return found[:limit]

    def _candidates(self, base: str) -> list[str]:
        if is_full_id(base):
            return [base]
        if base == "HEAD":
            if self._default_branch:
                return _ref_candidates(f"refs/heads/{self._default_branch}")
            # A mirror's HEAD may name a branch that it does not have.
            return ["HEAD", *(f"refs/heads/{name}" for name in USUAL_BRANCHES)]
        if base.startswith("refs/"):
            return _ref_candidates(base)
        names = [*_ref_candidates(f"refs/heads/{base}"), f"refs/tags/{base}"]
        return [*names, base] if is_short_id(base) else names

    async def _ask_infos(self, names: Sequence[str]) -> list[ObjectInfo | None]:
        if any("\n" in name for name in names):
            raise BadName("a name has no line breaks")
        stdin = "".join(f"{name}\n" for name in names).encode()
        answer = await self._git.text("cat-file", "--batch-check", stdin=stdin)
        return [parse.object_info(line) for line in answer.split("\n")[:-1]]


def _ref_candidates(name: str) -> list[str]:
    if name.startswith("refs/heads/"):
        branch = name.removeprefix("refs/heads/")
        return ["HEAD"] if branch == "HEAD" else [name, f"refs/remotes/origin/{branch}"]
    return [name]
