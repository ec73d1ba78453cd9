"""What the rest of the program gets from GitHub: frozen values, in the words of the evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from investigator.github.graphql import GraphQLError
from investigator.models.base import Value
from investigator.models.evidence import BlameRange, Commit, Deploy, FileChange


class HistoryEntry(Value):
    sha: str
    committed_at: datetime
    first_parent: str | None = None


class Revision(Value):
    """A commit and the newest commits of its history, itself first."""

    sha: str
    committed_at: datetime | None = None
    history: tuple[HistoryEntry, ...] = ()


class CodeownersFile(Value):
    """The CODEOWNERS file in force; `broken_lines` are those GitHub itself rejects."""

    path: str
    text: str
    broken_lines: frozenset[int] = frozenset()


class HeadFacts(Value):
    """The repository before head and base are chosen.

    `branch_head` is the default branch at the time asked for; None in an empty repository. `revisions` answer
    the expressions asked for, in order. `existing` are the probed paths that are files. `lost` are deployed
    SHAs that the repository no longer has.
    """

    repository: str
    web_url: str
    branch: str | None = None
    branch_head: Revision | None = None
    deploys: tuple[Deploy, ...] = ()
    lost: frozenset[str] = frozenset()
    codeowners: CodeownersFile | None = None
    revisions: tuple[Revision | None, ...] = ()
    existing: frozenset[str] = frozenset()
    errors: tuple[GraphQLError, ...] = ()


class Comparison(Value):
    """`commits` are those of head that base does not have, newest first; `files` is their sum.

    GitHub serves at most 250 commits and 300 files; `total_commits` is the true number, and `files_complete`
    is true when the files of both halves were read as well.
    """

    status: Literal["ahead", "behind", "diverged", "identical"]
    commits: tuple[Commit, ...] = ()
    total_commits: int = 0
    files: tuple[FileChange, ...] = ()
    files_complete: bool = False

    @property
    def commits_complete(self) -> bool:
        return len(self.commits) >= self.total_commits


class SourceFile(Value):
    """A file at the head; `text` is None when it is binary or too large to be served."""

    text: str | None = None
    size: int = 0
    binary: bool = False


class RangeFacts(Value):
    """Commits with their pull requests, and source and blame of the files asked for, at one SHA.

    `commits` are the newest 100 since the time asked for. `sources` and `blame` hold no entry for a file
    that is not there. `touched` tells for each path asked for which commits changed it, newest first;
    `touching` are these commits, told by their headlines.
    """

    commits: tuple[Commit, ...] = ()
    pull_request_files: tuple[tuple[str, tuple[FileChange, ...]], ...] = ()  # by commit SHA
    sources: dict[str, SourceFile] = Field(default_factory=dict)
    blame: dict[str, tuple[BlameRange, ...]] = Field(default_factory=dict)
    touched: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    touching: tuple[Commit, ...] = ()
    errors: tuple[GraphQLError, ...] = ()


class Tree(Value):
    """All files at a SHA; `complete` is False when GitHub cut the list (100,000 entries, 7 MB).

    `submodules` are folders that stand for a commit of another repository.
    """

    paths: frozenset[str]
    complete: bool
    submodules: frozenset[str] = frozenset()
