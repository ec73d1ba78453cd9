"""Writes commits into a bare git repository, without a work tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sandbox.demo_service.git import git
from sandbox.demo_service.story import Person


@dataclass(frozen=True, slots=True)
class Signature:
    who: Person
    at: datetime


@dataclass(frozen=True, slots=True)
class RepositoryWriter:
    """`path` is the bare repository; its index file is our scratch space."""

    path: Path

    @classmethod
    def create(cls, path: Path) -> RepositoryWriter:
        """Make an empty repository. Raises FileExistsError, DemoFailed."""
        path.mkdir(parents=True)
        writer = cls(path)
        writer._git(
            "init", "--quiet", "--bare", "--template=", "--initial-branch=main", "--object-format=sha1"
        )
        return writer

    def tree_after(self, base: str | None, patches: Sequence[Path]) -> str:
        """The tree of commit `base` (None: nothing) with the patches applied. Raises DemoFailed."""
        self._git("read-tree", base or "--empty")
        self._git("apply", "--cached", "--", *map(str, patches))
        return self._git("write-tree")

    def commit(
        self, tree: str, parents: Sequence[str], message: str, author: Signature, committer: Signature
    ) -> str:
        parent_options = [option for parent in parents for option in ("-p", parent)]
        signatures = {**_signed("AUTHOR", author), **_signed("COMMITTER", committer)}
        return self._git("commit-tree", tree, *parent_options, "-m", message, environment=signatures)

    def set_refs(self, refs: Mapping[str, str]) -> None:
        """Point each full name (`refs/heads/main`) at a commit."""
        commands = "".join(f"update {name} {sha}\n" for name, sha in refs.items())
        self._git("update-ref", "--stdin", text=commands)

    def _git(self, *arguments: str, text: str = "", environment: Mapping[str, str] | None = None) -> str:
        return git(*arguments, at=self.path, text=text, environment=environment)


def _signed(role: str, signature: Signature) -> dict[str, str]:
    return {
        f"GIT_{role}_NAME": signature.who.name,
        f"GIT_{role}_EMAIL": signature.who.email,
        f"GIT_{role}_DATE": f"{int(signature.at.timestamp())} {signature.who.zone}",
    }
