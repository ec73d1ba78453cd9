"""What git holds, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Signature:
    """Who and when; `at` keeps the offset the commit was made with."""

    name: str
    email: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Commit:
    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str

    @property
    def headline(self) -> str:
        return self.message.partition("\n")[0].strip()

    @property
    def body(self) -> str:
        return self.message.partition("\n")[2].strip()


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """`kind` is commit, tree, blob or tag; `size` in bytes."""

    sha: str
    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """`path` is relative to the tree it was listed from; `kind` is blob, tree or commit (a submodule)."""

    mode: str
    kind: str
    sha: str
    size: int | None
    path: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class FileDiff:
    """One changed file. `status` is git's letter; line counts are None for binary files.

    `patch` is the hunk text starting at `@@`, None for binary, mode-only, huge or unread changes.
    """

    status: str
    path: str
    previous_path: str | None
    sha: str
    additions: int | None
    deletions: int | None
    patch: str | None = None


@dataclass(frozen=True, slots=True)
class BlameRange:
    """Lines `start`..`end` (1-based, inclusive) were last changed by `sha`."""

    start: int
    end: int
    sha: str


@dataclass(frozen=True, slots=True)
class Ref:
    """`name` in full (`refs/heads/main`), `sha` of what it points at, which may be a tag object."""

    name: str
    sha: str
    kind: str

    @property
    def short(self) -> str:
        return self.name.removeprefix("refs/").partition("/")[2]


@dataclass(frozen=True, slots=True)
class Divergence:
    """How two commits stand to each other; `merge_base` is None without a common ancestor."""

    merge_base: str | None
    ahead: int
    behind: int

    @property
    def status(self) -> str:
        if self.ahead and self.behind:
            return "diverged"
        if self.ahead:
            return "ahead"
        return "behind" if self.behind else "identical"


@dataclass(frozen=True, slots=True)
class Selection:
    """Commits reachable from the full id `tip` but not from `exclude`, narrowed by path, time or author."""

    tip: str
    exclude: str | None = None
    path: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    author: str | None = None
