"""The shapes of GitHub's GraphQL answers, as far as we read them. Whatever does not fit is a bad answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from investigator.github.failures import bad_answer
from investigator.models.evidence import Person

T = TypeVar("T")


class Wire(BaseModel):
    """camelCase names, and null wherever something could not be read."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel)


class Nodes(Wire, Generic[T]):
    nodes: list[T | None] | None = None

    @property
    def present(self) -> list[T]:
        return [node for node in self.nodes or () if node is not None]


class Actor(Wire):
    login: str | None = None


class GitActor(Wire):
    name: str | None = None
    email: str | None = None
    user: Actor | None = None

    @property
    def person(self) -> Person:
        return Person(name=self.name, email=self.email, login=self.user.login if self.user else None)


class Oid(Wire):
    oid: str


class HistoryNode(Wire):
    oid: str
    committed_date: datetime
    parents: Nodes[Oid] = Nodes()


class CommitWithHistory(Wire):
    oid: str
    committed_date: datetime | None = None
    history: Nodes[HistoryNode] = Nodes()


class GitObject(CommitWithHistory):
    """A commit, or a tag with the commit it points to in `target`."""

    target: CommitWithHistory | None = None


class Branch(Wire):
    name: str
    target: CommitWithHistory | None = None


class DeploymentStatus(Wire):
    state: str | None = None
    created_at: datetime | None = None
    log_url: str | None = None
    environment_url: str | None = None


class Deployment(Wire):
    commit_oid: str
    commit: Oid | None = None
    created_at: datetime
    environment: str | None = None
    latest_environment: str | None = None
    state: str | None = None
    creator: Actor | None = None
    latest_status: DeploymentStatus | None = None
    statuses: Nodes[DeploymentStatus] | None = None


class Release(Wire):
    tag_name: str
    name: str | None = None
    is_draft: bool = False
    created_at: datetime
    published_at: datetime | None = None
    url: str | None = None
    tag_commit: Oid | None = None
    author: Actor | None = None


class CodeownersError(Wire):
    line: int
    message: str = ""
    path: str = ""


class CodeownersErrors(Wire):
    errors: list[CodeownersError] = Field(default_factory=list)


class Blob(Wire):
    """Of a path that is not a file, nothing is set."""

    byte_size: int = 0
    is_binary: bool | None = None
    is_truncated: bool = False
    text: str | None = None


class HostedAnswer(Wire):
    deployments: Nodes[Deployment] = Nodes()
    releases: Nodes[Release] = Nodes()


class HeadAnswer(Wire):
    name_with_owner: str
    url: str
    default_branch_ref: Branch | None = None
    codeowners: CodeownersErrors | None = None
    owners_github: Blob | None = None
    owners_root: Blob | None = None
    owners_docs: Blob | None = None


class PullRequestFile(Wire):
    path: str
    change_type: str = "MODIFIED"
    additions: int = 0
    deletions: int = 0


class PullRequestNode(Wire):
    number: int
    title: str
    url: str
    state: str
    merged_at: datetime | None = None
    author: Actor | None = None
    files: Nodes[PullRequestFile] | None = None


class CommitNode(Wire):
    oid: str
    url: str | None = None
    message: str = ""
    message_headline: str = ""
    authored_date: datetime | None = None
    committed_date: datetime | None = None
    additions: int | None = None
    deletions: int | None = None
    changed_files_if_available: int | None = None
    author: GitActor | None = None
    parents: Nodes[Oid] = Nodes()
    associated_pull_requests: Nodes[PullRequestNode] | None = None


class BlamedCommit(Wire):
    oid: str
    committed_date: datetime | None = None
    message_headline: str = ""
    author: GitActor | None = None


class BlameNode(Wire):
    starting_line: int
    ending_line: int
    commit: BlamedCommit


class BlameAnswer(Wire):
    ranges: list[BlameNode] = Field(default_factory=list)


class CommitWithBlame(Wire):
    blame: BlameAnswer | None = None


class CommitWindow(Wire):
    history: Nodes[CommitNode] = Nodes()


def read(parse: Callable[[Any], T], data: object) -> T:
    """`data` through a model's `model_validate`.

    Raises:
        OutsideCallFailed: bad_answer, naming the first field that does not fit.
    """
    try:
        return parse(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the answer"
        raise bad_answer(f"{where}: {first['msg']}") from error
