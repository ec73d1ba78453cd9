"""PullRequest and what hangs on it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sandbox.github import pulls
from sandbox.github.graphql_api.connection import Connection, page_of
from sandbox.github.graphql_api.nodes import (
    CommitNode,
    Info,
    PullNode,
    UserNode,
    node_id,
    resolves,
    resolves_plainly,
)
from sandbox.github.graphql_api.resolve_object import git_object
from sandbox.github.hosted import PullRequest
from sandbox.github.values import FileDiff

CHANGE_TYPES = {"A": "ADDED", "D": "DELETED", "R": "RENAMED", "C": "COPIED", "T": "CHANGED"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def created_at(pull: PullRequest) -> datetime:
    return pull.created_at or pull.merged_at or _EPOCH


resolves_plainly(
    "PullRequest",
    {
        "id": lambda node: node_id("PR", node.repo, node.pull.number),
        "number": lambda node: node.pull.number,
        "databaseId": lambda node: node.pull.number,
        "title": lambda node: node.pull.title,
        "body": lambda node: node.pull.body,
        "bodyText": lambda node: node.pull.body,
        "state": lambda node: node.pull.state.upper(),
        "merged": lambda node: node.pull.state == "merged",
        "closed": lambda node: node.pull.state != "open",
        "closedAt": lambda node: node.pull.merged_at,
        "mergedAt": lambda node: node.pull.merged_at,
        "createdAt": lambda node: created_at(node.pull),
        "updatedAt": lambda node: node.pull.merged_at or created_at(node.pull),
        "isCrossRepository": lambda node: node.pull.from_fork,
        "isDraft": lambda node: node.pull.draft,
        "author": lambda node: UserNode(node.pull.author) if node.pull.author else None,
        "baseRefName": lambda node: pulls.base_branch(node.repo, node.pull),
        "headRefName": lambda node: pulls.head_branch(node.pull),
        "mergeable": lambda node: "MERGEABLE" if node.pull.state == "open" else "UNKNOWN",
        "reviewDecision": lambda node: None,
        "viewerCanUpdate": lambda node: node.repo.writable,
    },
)


@resolves("PullRequest", "url", "permalink")
def url(node: PullNode, info: Info) -> str:
    return info.context.urls.page(node.repo, "pull", str(node.pull.number))


@resolves("PullRequest", "revertUrl")
def revert_url(node: PullNode, info: Info) -> str:
    return info.context.urls.page(node.repo, "pull", str(node.pull.number), "revert")


@resolves("PullRequest", "baseRefOid")
async def base_ref_oid(node: PullNode, info: Info) -> str | None:
    found = await pulls.ends(node.repo, node.pull)
    return found[0] if found else None


@resolves("PullRequest", "headRefOid")
async def head_ref_oid(node: PullNode, info: Info) -> str | None:
    commits = await pulls.commits(node.repo, node.pull)
    return commits[-1].sha if commits else None


@resolves("PullRequest", "mergeCommit")
async def merge_commit(node: PullNode, info: Info) -> CommitNode | None:
    found = await git_object(node.repo, node.pull.merge_commit) if node.pull.merge_commit else None
    return found if isinstance(found, CommitNode) else None


@resolves("PullRequest", "mergedBy")
async def merged_by(node: PullNode, info: Info) -> UserNode | None:
    found = await merge_commit(node, info)
    login = node.repo.history.login(found.commit.author.email) if found else None
    return UserNode(login) if login else None


@resolves("PullRequest", "additions")
async def additions(node: PullNode, info: Info) -> int:
    return sum(file.additions or 0 for file in await pulls.files(node.repo, node.pull))


@resolves("PullRequest", "deletions")
async def deletions(node: PullNode, info: Info) -> int:
    return sum(file.deletions or 0 for file in await pulls.files(node.repo, node.pull))


@resolves("PullRequest", "changedFiles")
async def changed_files(node: PullNode, info: Info) -> int:
    return len(await pulls.files(node.repo, node.pull))


@resolves("PullRequest", "files")
async def files(node: PullNode, info: Info, **args: Any) -> Connection:
    found = await pulls.files(node.repo, node.pull)
    return page_of("files", [_changed_file(file) for file in found], args)


def _changed_file(file: FileDiff) -> dict[str, Any]:
    return {
        "path": file.path,
        "changeType": CHANGE_TYPES.get(file.status, "MODIFIED"),
        "additions": file.additions or 0,
        "deletions": file.deletions or 0,
    }


@resolves("PullRequest", "commits")
async def commits(node: PullNode, info: Info, **args: Any) -> Connection:
    urls = info.context.urls
    found = [
        {
            "id": node_id("PRC", node.repo, f"{node.pull.number}/{commit.sha}"),
            "commit": CommitNode(node.repo, commit),
            "url": urls.page(node.repo, "commit", commit.sha),
        }
        for commit in await pulls.commits(node.repo, node.pull)
    ]
    return page_of("commits", found, args)


@resolves("PullRequest", "labels")
def labels(node: PullNode, info: Info, **args: Any) -> Connection:
    found = [
        {"id": node_id("LA", node.repo, name), "name": name, "color": "ededed"} for name in node.pull.labels
    ]
    return page_of("labels", found, args)


@resolves("PullRequest", "reviews")
def reviews(node: PullNode, info: Info, **args: Any) -> Connection:
    found = [
        {
            "id": node_id("PRR", node.repo, f"{node.pull.number}/{login}"),
            "author": UserNode(login),
            "body": "",
            "state": "APPROVED",
        }
        for login in node.pull.approved_by
    ]
    return page_of("reviews", found, args)


@resolves("PullRequest", "timelineItems")
def timeline_items(node: PullNode, info: Info, **args: Any) -> Connection:
    """Which pull requests mention this one, as `#12` or `owner/name#12`."""
    mentions = {f"#{node.pull.number}", f"{node.repo.full_name}#{node.pull.number}"}
    found = [
        {
            "__typename": "CrossReferencedEvent",
            "id": node_id("CRE", node.repo, f"{node.pull.number}/{other.number}"),
            "actor": UserNode(other.author) if other.author else None,
            "createdAt": created_at(other),
            "source": PullNode(node.repo, other),
        }
        for other in node.repo.history.pull_requests.values()
        if other.number != node.pull.number
        and mentions & {word.strip(".,;:()") for word in f"{other.title} {other.body}".split()}
    ]
    return page_of("timelineItems", found, args)
