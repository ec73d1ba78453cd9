"""One repository as the sandbox serves it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sandbox.github.differences import Differences
from sandbox.github.git import Git
from sandbox.github.history import HostHistory
from sandbox.github.hosted import number_of
from sandbox.github.lookup import Lookup
from sandbox.github.reader import Reader
from sandbox.github.writer import Writer


@dataclass
class Repository:
    """`path` is any clone and is only ever read, unless `writable`: then branches and commits are made in it.

    `full_name` is `owner/name`. `default_branch` None: the branch the clone has checked out.
    """

    path: Path
    full_name: str
    default_branch: str | None
    history: HostHistory
    writable: bool = False

    @property
    def owner(self) -> str:
        return self.full_name.partition("/")[0]

    @property
    def name(self) -> str:
        return self.full_name.partition("/")[2]

    @property
    def id(self) -> int:
        return number_of(self.full_name.lower())

    @cached_property
    def git(self) -> Git:
        return Git(self.path)

    @cached_property
    def lookup(self) -> Lookup:
        return Lookup(self.git, self.default_branch)

    @cached_property
    def reader(self) -> Reader:
        return Reader(self.git)

    @cached_property
    def differences(self) -> Differences:
        return Differences(self.git, self.reader)

    @cached_property
    def writer(self) -> Writer:
        return Writer(self.git)
