"""The shapes of GitHub's REST answers, as far as we read them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Rest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class GitActor(Rest):
    name: str | None = None
    email: str | None = None
    date: datetime | None = None


class GitCommit(Rest):
    message: str = ""
    author: GitActor | None = None
    committer: GitActor | None = None


class Parent(Rest):
    sha: str


class Stats(Rest):
    additions: int = 0
    deletions: int = 0


class File(Rest):
    filename: str
    previous_filename: str | None = None
    status: str = "modified"
    additions: int = 0
    deletions: int = 0
    patch: str | None = None


class User(Rest):
    login: str | None = None


class Commit(Rest):
    sha: str
    html_url: str | None = None
    commit: GitCommit
    author: User | None = None
    parents: list[Parent] = Field(default_factory=list)
    stats: Stats | None = None
    files: list[File] | None = None


class Compare(Rest):
    status: Literal["ahead", "behind", "diverged", "identical"]
    total_commits: int
    commits: list[Commit]
    files: list[File] = Field(default_factory=list)


class TreeEntry(Rest):
    path: str
    type: str


class Tree(Rest):
    tree: list[TreeEntry]
    truncated: bool = False
