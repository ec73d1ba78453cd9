"""What was found out about an incident, each piece citable."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from investigator.models.base import Value
from investigator.models.sentry import Frame


class Gap(Value):
    """Something that could not be read: what is missing, why, and what a person can do about it."""

    source: Literal["sentry", "github", "catalog"]
    what: str
    why: str
    remedy: str


class Person(Value):
    name: str | None = None
    login: str | None = None
    email: str | None = None

    @property
    def label(self) -> str:
        return f"@{self.login}" if self.login else (self.name or self.email or "unknown author")


class PullRequest(Value):
    number: int
    title: str
    url: str
    state: str = "merged"  # open, closed, merged
    author: Person | None = None
    merged_at: datetime | None = None


class FileChange(Value):
    """One file of a diff; `patch` is the unified hunk text without file headers, None when not served."""

    path: str
    previous_path: str | None = None
    status: str = "modified"  # added, modified, removed, renamed
    additions: int = 0
    deletions: int = 0
    patch: str | None = None


class Commit(Value):
    """One commit under suspicion; `files` is None when its own diff was not read."""

    sha: str
    message: str
    url: str | None = None
    author: Person = Person()
    authored_at: datetime | None = None
    committed_at: datetime | None = None
    parents: tuple[str, ...] = ()
    additions: int | None = None
    deletions: int | None = None
    changed_files: int | None = None
    files: tuple[FileChange, ...] | None = None
    pull_request: PullRequest | None = None

    @property
    def headline(self) -> str:
        return self.message.partition("\n")[0]


class BlameRange(Value):
    """Lines `start`..`end` (1-based, inclusive) of `path` at the deployed SHA were last changed by `sha`."""

    path: str
    start: int
    end: int
    sha: str
    committed_at: datetime | None = None
    headline: str = ""
    author: Person = Person()


class Deploy(Value):
    """Something that reached an environment, or was released, at `at`."""

    source: Literal["github_deployment", "github_release", "sentry_release", "sentry_deploy"]
    name: str
    sha: str | None = None
    environment: str | None = None
    at: datetime | None = None
    state: str | None = None
    by: Person | None = None
    url: str | None = None


class CodeFrame(Value):
    """A stack frame mapped onto the repository at the deployed SHA, with the code around the line.

    `path` is None when no file of the repository matches; `candidates` holds the other matches when the
    mapping was ambiguous. `lines` are (line number, text) pairs.
    """

    frame: Frame
    path: str | None = None
    candidates: tuple[str, ...] = ()
    permalink: str | None = None
    lines: tuple[tuple[int, str], ...] = ()


class Ownership(Value):
    """Who CODEOWNERS names for `path`, and by which line."""

    path: str
    owners: tuple[str, ...]
    file: str
    line: int | None = None


class CodeEvidence(Value):
    """Everything GitHub said about one service at the time of the incident.

    `frames` are the frames shown and blamed, crashing frame first. `commits` are those between `base_sha`
    (exclusive) and `head_sha` (inclusive), newest first. `below` are names called below the lines of the
    frames, with how many calls below; `imports` the names that the frames' files import. `submodules` are
    folders of other repositories through which the trace runs.
    """

    repository: str | None = None  # owner/name
    head_sha: str | None = None
    base_sha: str | None = None
    range_reason: str = ""  # in words: how base and head were chosen
    commits: tuple[Commit, ...] = ()
    total_commits: int = 0
    blame: tuple[BlameRange, ...] = ()
    frames: tuple[CodeFrame, ...] = ()
    deploys: tuple[Deploy, ...] = ()
    ownership: Ownership | None = None
    submodules: tuple[str, ...] = ()
    below: tuple[tuple[str, int], ...] = ()
    imports: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    requests: int = 0


class Suspect(Value):
    """A commit that may have caused the incident; `score` is a probability between 0 and 1."""

    commit: Commit
    rank: int
    score: float
    reasons: tuple[str, ...]


class Ranking(Value):
    """Suspects, best first. `no_code_cause` is true when what remains outweighs all of them.

    `doubts` say in words what speaks against all commits of the range, the strongest first.
    """

    suspects: tuple[Suspect, ...] = ()
    no_code_cause: bool = True
    unexplained: float = 1.0
    doubts: tuple[str, ...] = ()
