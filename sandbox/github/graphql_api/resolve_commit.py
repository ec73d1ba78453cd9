"""Commit, Blame, GitActor, Comparison and the other git objects."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from sandbox.github import pulls
from sandbox.github.git import GitFailed, GitTimedOut
from sandbox.github.graphql_api.connection import Connection, Refusal, page_from, page_of
from sandbox.github.graphql_api.nodes import (
    CommitNode,
    ComparisonNode,
    Info,
    ObjectNode,
    PullNode,
    UserNode,
    node_id,
    resolves,
)
from sandbox.github.graphql_api.resolve_repository import git_object
from sandbox.github.hosted import instant
from sandbox.github.names import BadName
from sandbox.github.repository import Repository
from sandbox.github.values import Commit, Selection, Signature, TreeEntry

_TEXT_LIMIT = 512_000  # bytes after which GitHub cuts the text of a blob
_YEAR = 365 * 24 * 3600
_PLAIN = {
    "oid": lambda commit: commit.sha,
    "abbreviatedOid": lambda commit: commit.sha[:7],
    "message": lambda commit: commit.message,
    "messageHeadline": lambda commit: commit.headline,
    "messageBody": lambda commit: commit.body,
    "authoredDate": lambda commit: commit.author.at,
    "committedDate": lambda commit: commit.committer.at,
    "authoredByCommitter": lambda commit: commit.author.email == commit.committer.email,
}


def _bind_plain_fields() -> None:
    for name, read in _PLAIN.items():
        resolves("Commit", name)(lambda node, info, read=read: read(node.commit))


_bind_plain_fields()


@resolves("Commit", "id")
def commit_node_id(node: CommitNode, info: Info) -> str:
    return node_id("C", node.repo, node.commit.sha)


@resolves("Commit", "url", "commitUrl")
def commit_url(node: CommitNode, info: Info) -> str:
    return info.context.urls.page(node.repo, "commit", node.commit.sha)


@resolves("Commit", "author")
def author(node: CommitNode, info: Info) -> dict[str, Any]:
    return _actor(node.repo, node.commit.author)


@resolves("Commit", "committer")
def committer(node: CommitNode, info: Info) -> dict[str, Any]:
    return _actor(node.repo, node.commit.committer)


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


@resolves("Commit", "statusCheckRollup")
def status_check_rollup(node: CommitNode, info: Info) -> None:
    return None


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
        return _listed(node.repo, await node.repo.reader.log(selection, limit=limit, skip=skip))

    async def total() -> int:
        return await node.repo.reader.count(selection)

    return await page_from("history", args, fetch, total)


def _listed(repo: Repository, commits: list[Commit]) -> list[CommitNode]:
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
    return next((_entry(node.repo, entry, folder) for entry in entries if entry.name == name), None)


def _entry(repo: Repository, entry: TreeEntry, folder: str) -> dict[str, Any]:
    suffix = entry.name.rpartition(".")[2] if "." in entry.name else ""
    return {
        "name": entry.name,
        "path": f"{folder}/{entry.path}" if folder else entry.path,
        "oid": entry.sha,
        "mode": int(entry.mode, 8),
        "size": entry.size or 0,
        "type": entry.kind,
        "extension": f".{suffix}" if suffix else "",
        "isGenerated": False,
        "lineCount": None,
        "object": lambda info: git_object(repo, entry.sha),
    }


@resolves("Tree", "entries")
async def entries(node: ObjectNode, info: Info) -> list[dict[str, Any]]:
    return [_entry(node.repo, entry, "") for entry in await node.repo.reader.tree(node.info.sha)]


def _bind_object_fields() -> None:
    for name in ("Blob", "Tree", "Tag"):
        resolves(name, "oid")(lambda node, info: node.info.sha)
        resolves(name, "abbreviatedOid")(lambda node, info: node.info.sha[:7])
        resolves(name, "id")(lambda node, info: node_id(node.TYPE[0], node.repo, node.info.sha))
        resolves(name, "commitUrl")(
            lambda node, info: info.context.urls.page(node.repo, "tree", node.info.sha)
        )


_bind_object_fields()


@resolves("Blob", "byteSize")
def byte_size(node: ObjectNode, info: Info) -> int:
    return node.info.size


@resolves("Blob", "isTruncated")
def is_truncated(node: ObjectNode, info: Info) -> bool:
    return node.info.size > _TEXT_LIMIT


@resolves("Blob", "isBinary")
async def is_binary(node: ObjectNode, info: Info) -> bool:
    return b"\0" in (await node.repo.reader.blob(node.info.sha))[:8000]


@resolves("Blob", "text")
async def text(node: ObjectNode, info: Info) -> str | None:
    content = await node.repo.reader.blob(node.info.sha)
    if b"\0" in content[:8000]:
        return None
    return content[:_TEXT_LIMIT].decode(errors="replace")


@resolves("Tag", "target")
async def tag_target(node: ObjectNode, info: Info) -> CommitNode | ObjectNode | None:
    return await git_object(node.repo, f"{node.info.sha}^{{commit}}")


@resolves("Tag", "name")
async def tag_name(node: ObjectNode, info: Info) -> str:
    header = (await node.repo.git.text("cat-file", "tag", node.info.sha)).partition("\n\n")[0]
    return next(line.removeprefix("tag ") for line in header.splitlines() if line.startswith("tag "))


@resolves("Tag", "message")
async def tag_message(node: ObjectNode, info: Info) -> str:
    return (await node.repo.git.text("cat-file", "tag", node.info.sha)).partition("\n\n")[2]


def _bind_comparison_fields() -> None:
    resolves("Comparison", "id")(lambda node, info: node_id("CMP", node.repo, f"{node.base}...{node.head}"))
    resolves("Comparison", "status")(lambda node, info: node.divergence.status.upper())
    resolves("Comparison", "aheadBy")(lambda node, info: node.divergence.ahead)
    resolves("Comparison", "behindBy")(lambda node, info: node.divergence.behind)
    resolves("Comparison", "baseTarget")(lambda node, info: git_object(node.repo, node.base))
    resolves("Comparison", "headTarget")(lambda node, info: git_object(node.repo, node.head))


_bind_comparison_fields()


@resolves("Comparison", "commits")
async def comparison_commits(node: ComparisonNode, info: Info, **args: Any) -> Connection:
    async def fetch(skip: int, limit: int) -> list[CommitNode]:
        oldest = max(0, node.divergence.ahead - skip - limit)
        count = node.divergence.ahead - skip - oldest
        selection = Selection(node.head, exclude=node.base)
        newest_first = await node.repo.reader.log(selection, skip=oldest, limit=count)
        return _listed(node.repo, newest_first)[::-1]

    async def total() -> int:
        return node.divergence.ahead

    return await page_from("commits", args, fetch, total)
