"""Everything one repository's host remembers beside git."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from sandbox.github import merges
from sandbox.github.git import Git
from sandbox.github.hosted import Deployment, PullRequest, Release, instant
from sandbox.github.values import Commit

_TAGS_KEPT = 100
_TAG_FORMAT = (
    "--format=%(refname:strip=2)%00%(creatordate:iso-strict)%00%(taggeremail:trim)%(authoremail:trim)"
)


@dataclass(slots=True)
class HostHistory:
    """Loaded from a file, or `derived` from what merge commits and tags tell.

    A derived history meets pull requests as commits are served: `learn` is called with each listing.
    """

    pull_requests: dict[int, PullRequest] = field(default_factory=dict)
    deployments: list[Deployment] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    logins: dict[str, str] = field(default_factory=dict)
    checks: dict[str, str] = field(default_factory=dict)  # commit → SUCCESS, FAILURE, PENDING, …
    derived: bool = False
    _by_commit: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads the JSON file written beside a generated repository. Raises OSError, ValueError, KeyError."""
        document = json.loads(path.read_text(encoding="utf-8"))
        history = cls(
            deployments=[Deployment.from_json(entry) for entry in document.get("deployments", ())],
            releases=[Release.from_json(entry) for entry in document.get("releases", ())],
            logins=dict(document.get("logins", {})),
        )
        for entry in document.get("pull_requests", ()):
            history.put(PullRequest.from_json(entry))
        return history

    @classmethod
    async def derive(cls, git: Git) -> Self:
        """Releases from tags, newest first; pull requests follow with `learn`. Raises GitFailed."""
        arguments = ("--sort=-creatordate", f"--count={_TAGS_KEPT}", _TAG_FORMAT, "refs/tags/")
        lines = (await git.text("for-each-ref", *arguments)).splitlines()
        tags = [line.split("\0") for line in lines]
        history = cls(derived=True)
        for tag, at, email in tags:
            if at:
                history.releases.append(Release(tag, tag, instant(at), history.login(email) or ""))
        return history

    def put(self, pull: PullRequest) -> None:
        """Adds a pull request, or replaces the one of the same number."""
        self.pull_requests[pull.number] = pull
        merge = (pull.merge_commit,) if pull.merge_commit else ()
        for sha in {*pull.commits, *merge}:
            numbers = self._by_commit.setdefault(sha, [])
            if pull.number not in numbers:
                numbers.append(pull.number)

    def update(self, number: int, **changes: Any) -> PullRequest:
        """Changes fields of a pull request. Raises KeyError for an unknown number."""
        self.put(replace(self.pull_requests[number], **changes))
        return self.pull_requests[number]

    def learn(self, commits: Sequence[Commit]) -> None:
        """Finds the pull requests a listing (children first) tells of; a loaded history has them already."""
        if not self.derived:
            return
        for pull in merges.pull_requests(commits):
            known = self.pull_requests.get(pull.number)
            if known is None or len(pull.commits) > len(known.commits):
                self.put(pull)

    def of_commit(self, sha: str) -> list[PullRequest]:
        return [self.pull_requests[number] for number in self._by_commit.get(sha, ())]

    def login(self, email: str) -> str | None:
        """The account behind an e-mail address; GitHub's own no-reply addresses name it themselves."""
        known = self.logins.get(email) or self.logins.get(email.lower())
        if known is None and email.endswith("@users.noreply.github.com"):
            return email.partition("@")[0].rpartition("+")[2]
        return known

    def next_number(self) -> int:
        return max(self.pull_requests, default=0) + 1
