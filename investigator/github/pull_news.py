"""What GitHub says became of a pull request."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Literal

from investigator.github.failures import Invisible
from investigator.github.pull_requests import document
from investigator.github.repository import Repository
from investigator.github.wire import Actor, Nodes, Oid, Wire, read
from investigator.models.base import Value

_CHECKS: dict[str, Literal["passed", "failed"]] = {
    "SUCCESS": "passed",
    "FAILURE": "failed",
    "ERROR": "failed",
}


class PullNews(Value):
    """`checks` None: none, or not over yet."""

    state: Literal["open", "closed", "merged", "reverted"]
    checks: Literal["passed", "failed"] | None = None
    approved_by: str | None = None
    merged_at: datetime | None = None
    merge_sha: str | None = None


class _Rollup(Wire):
    state: str


class _Commit(Wire):
    status_check_rollup: _Rollup | None = None


class _PullCommit(Wire):
    commit: _Commit


class _Review(Wire):
    author: Actor | None = None


class _Source(Wire):
    number: int = 0
    state: str = ""
    is_cross_repository: bool = True
    title: str = ""
    body: str = ""


class _Mention(Wire):
    source: _Source = _Source()


class _Pull(Wire):
    state: str
    merged_at: datetime | None = None
    merge_commit: Oid | None = None
    reviews: Nodes[_Review] = Nodes()
    commits: Nodes[_PullCommit] = Nodes()
    timeline_items: Nodes[_Mention] = Nodes()


async def pull_news(repository: Repository, number: int) -> PullNews:
    """Raises OutsideCallFailed: as the repository; not_found when there is no such pull request."""
    owner, _, name = repository.name.partition("/")
    data = await repository.graphql(document("news"), {"owner": owner, "name": name, "number": number})
    found: Any = data.get("repository")
    if not isinstance(found, dict) or found.get("pullRequest") is None:
        raise Invisible(f"there is no pull request #{number}")
    return _understood(read(_Pull.model_validate, found["pullRequest"]), number)


def _understood(pull: _Pull, number: int) -> PullNews:
    state: Literal["open", "closed", "merged", "reverted"] = "closed"
    if pull.state == "OPEN":
        state = "open"
    elif pull.state == "MERGED":
        undone = any(_undoes(mention.source, number) for mention in pull.timeline_items.present)
        state = "reverted" if undone else "merged"
    rollup = next((each.commit.status_check_rollup for each in pull.commits.present), None)
    review = next(iter(pull.reviews.present), None)
    return PullNews(
        state=state,
        checks=_CHECKS.get(rollup.state) if rollup else None,
        approved_by=review.author.login if review and review.author else None,
        merged_at=pull.merged_at,
        merge_sha=pull.merge_commit.oid if pull.merge_commit else None,
    )


def _undoes(other: _Source, number: int) -> bool:
    """A merged pull request of the same repository that says so, as GitHub's own reverts do."""
    words = re.search(rf"(?i)\breverts\s+(?:[\w.-]+/[\w.-]+)?#{number}\b", other.body)
    return other.state == "MERGED" and not other.is_cross_repository and words is not None
