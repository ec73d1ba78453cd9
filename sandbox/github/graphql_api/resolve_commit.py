"""Commit, GitActor and Blame."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from sandbox.github import pulls
from sandbox.github.git import GitFailed, GitTimedOut
from sandbox.github.graphql_api.connection import Connection, Refusal, page_from, page_of
from sandbox.github.graphql_api.nodes import (
    CommitNode,
    Info,
    ObjectNode,
    PullNode,
    UserNode,
    node_id,
    resolves,
    resolves_plainly,
)
from sandbox.github.graphql_api.resolve_object import git_object, tree_entry
from sandbox.github.hosted import instant
from sandbox.github.names import BadName
from sandbox.github.repository import Repository
from sandbox.github.values import Commit, Selection, Signature

_YEAR = 365 * 24 * 3600

resolves_plainly(
    "Commit",
    {
        "id": lambda node: node_id("C", node.repo, node.commit.sha),
        "oid": lambda node: node.commit.sha,
        "abbreviatedOid": lambda node: node.commit.sha[:7],
        "message": lambda node: node.commit.message,
        "messageHeadline": lambda node: node.commit.headline,
        "messageBody": lambda node: node.commit.body,
        "authoredDate": lambda node: node.commit.author.at,
        "committedDate": lambda node: node.commit.committer.at,
        "authoredByCommitter": lambda node: node.commit.author.email == node.commit.committer.email,
        "author": lambda node: _actor(node.repo, node.commit.author),
        "committer": lambda node: _actor(node.repo, node.commit.committer),
    },
)


@resolves("Commit", "statusCheckRollup")
def status_check_rollup(node: CommitNode, info: Info) -> dict[str, str] | None:
    state = node.repo.history.checks.get(node.commit.sha)
    return {"id": node_id("SCR", node.repo, node.commit.sha), "state": state} if state else None


@resolves("Commit", "url", "commitUrl")
def commit_url(node: CommitNode, info: Info) -> str:
    return info.context.urls.page(node.repo, "commit", node.commit.sha)


def _actor(repo: Repository, signature: Signature) -> dict[str, Any]:
    login = repo.history.login(signature.email)
    user = UserNode(login) if login else None
    return {"name": signature.name, "email": signature.email, "date": signature.at, "user": user}


@resolves("GitActor", "avatarUrl")
def actor_avatar(actor: dict[str, Any], info: Info, **_args: Any) -> str:
    user = actor["user"]
    return info.context.urls.avatar(user.login if user else "ghost")


@resolves("Commit", "parents")
async def parents(node: CommitNode, info: Info, **args: Any) -> Connection:
    found = await node.repo.reader.commits(node.commit.parents)
    return page_of("parents", [CommitNode(node.repo, commit) for commit in found], args)


@resolves("Commit", "additions")
async def additions(node: CommitNode, info: Info) -> int:
    return sum(file.additions or 0 for file in await node.repo.differences.files_of(node.commit.sha))


@resolves("Commit", "deletions")
async def deletions(node: CommitNode, info: Info) -> int:
    return sum(file.deletions or 0 for file in await node.repo.differences.files_of(node.commit.sha))


@resolves("Commit", "changedFilesIfAvailable")
async def changed_files(node: CommitNode, info: Info) -> int:
    return len(await node.repo.differences.files_of(node.commit.sha))


@resolves("Commit", "associatedPullRequests")
async def associated_pull_requests(node: CommitNode, info: Info, **args: Any) -> Connection:
    found = await pulls.of_commit(node.repo, node.commit)
    return page_of("associatedPullRequests", [PullNode(node.repo, pull) for pull in found], args)


@resolves("Commit", "history")
async def history(node: CommitNode, info: Info, **args: Any) -> Connection:
    emails = (args.get("author") or {}).get("emails") or []
    selection = Selection(
        node.commit.sha,
        path=args.get("path"),
        since=_time(args.get("since")),
        until=_time(args.get("until")),
        author=f"<{emails[0]}>" if emails else None,
    )

    async def fetch(skip: int, limit: int) -> list[CommitNode]:
        return listed(node.repo, await node.repo.reader.log(selection, limit=limit, skip=skip))

    async def total() -> int:
        return await node.repo.reader.count(selection)

    return await page_from("history", args, fetch, total)


def listed(repo: Repository, commits: list[Commit]) -> list[CommitNode]:
    repo.history.learn(commits)
    return [CommitNode(repo, commit) for commit in commits]


def _time(text: str | None) -> datetime | None:
    try:
        return instant(text) if text else None
    except ValueError as error:
        raise Refusal("UNPROCESSABLE", f"{text!r} is not an ISO 8601 timestamp") from error


@resolves("Commit", "blame")
async def blame(node: CommitNode, info: Info, path: str) -> dict[str, Any]:
    try:
        ranges = await node.repo.reader.blame(node.commit.sha, path)
    except GitTimedOut as error:
        raise Refusal("SERVICE_UNAVAILABLE", "Something went wrong while executing your query.") from error
    except (BadName, GitFailed) as error:
        raise Refusal("NOT_FOUND", f"Could not resolve file for path '{path}'.") from error
    shas = list(dict.fromkeys(part.sha for part in ranges))
    commits = dict(zip(shas, await node.repo.reader.commits(shas), strict=True))
    ages = _ages(commits)
    return {
        "ranges": [
            {
                "startingLine": part.start,
                "endingLine": part.end,
                "age": ages[part.sha],
                "commit": CommitNode(node.repo, commits[part.sha]),
            }
            for part in ranges
        ]
    }


def _ages(commits: dict[str, Commit]) -> dict[str, int]:
    """GitHub's colour scale, from 1 for the newest to 10 for the oldest; here a step a tenth of two years."""
    now = time.time()
    return {
        sha: min(10, 1 + max(0, int((now - commit.committer.at.timestamp()) / (_YEAR / 5))))
        for sha, commit in commits.items()
    }


@resolves("Commit", "tree")
async def tree(node: CommitNode, info: Info) -> ObjectNode | CommitNode | None:
    return await git_object(node.repo, node.commit.tree)


@resolves("Commit", "file")
async def file(node: CommitNode, info: Info, path: str) -> dict[str, Any] | None:
    folder, _, name = path.strip("/").rpartition("/")
    holder = await git_object(node.repo, f"{node.commit.sha}:{folder}")
    if not isinstance(holder, ObjectNode) or holder.info.kind != "tree":
        return None
    entries = await node.repo.reader.tree(holder.info.sha)
    return next((tree_entry(node.repo, entry, folder) for entry in entries if entry.name == name), None)
