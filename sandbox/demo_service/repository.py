"""Writes commits into a bare git repository, without a work tree."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sandbox.demo_service.story import Person

_TIMEOUT_SECONDS = 30

# Nothing of the user's own git configuration may change an id or start a program.
ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "HOME": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "LC_ALL": "C",
}


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
        """Make an empty repository. Raises FileExistsError, CalledProcessError."""
        path.mkdir(parents=True)
        writer = cls(path)
        writer._git(
            "init", "--quiet", "--bare", "--template=", "--initial-branch=main", "--object-format=sha1"
        )
        return writer

    def tree_after(self, base: str | None, patches: Sequence[Path]) -> str:
        """The tree of commit `base` (None: nothing) with the patches applied. Raises CalledProcessError."""
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
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env={**ENVIRONMENT, **(environment or {})},
            input=text,
            check=True,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
        )
        return done.stdout.strip()


def _signed(role: str, signature: Signature) -> dict[str, str]:
    return {
        f"GIT_{role}_NAME": signature.who.name,
        f"GIT_{role}_EMAIL": signature.who.email,
        f"GIT_{role}_DATE": f"{int(signature.at.timestamp())} {signature.who.zone}",
    }
