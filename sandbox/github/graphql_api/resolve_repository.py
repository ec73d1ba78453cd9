"""Repository."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sandbox.github import codeowners, pulls
from sandbox.github.graphql_api.connection import Connection, Refusal, page_of
from sandbox.github.graphql_api.nodes import (
    CommitNode,
    DeploymentNode,
    Info,
    ObjectNode,
    PullNode,
    RefNode,
    ReleaseNode,
    UserNode,
    node_id,
    resolves,
    resolves_plainly,
)
from sandbox.github.graphql_api.resolve_object import git_object
from sandbox.github.repository import Repository

resolves_plainly(
    "Repository",
    {
        "id": lambda repo: node_id("R", repo),
        "databaseId": lambda repo: repo.id,
        "nameWithOwner": lambda repo: repo.full_name,
        "owner": lambda repo: UserNode(repo.owner),
        "isPrivate": lambda repo: False,
        "isArchived": lambda repo: False,
        "viewerPermission": lambda repo: "WRITE" if repo.writable else "READ",
    },
)


@resolves("Repository", "url")
def url(repo: Repository, info: Info) -> str:
    return info.context.urls.page(repo)


@resolves("Repository", "pushedAt", "createdAt")
async def pushed_at(repo: Repository, info: Info) -> datetime:
    tip = await repo.lookup.commit_id("HEAD")
    return (await repo.reader.commit(tip)).committer.at if tip else datetime(1970, 1, 1, tzinfo=UTC)


@resolves("Repository", "defaultBranchRef")
async def default_branch_ref(repo: Repository, info: Info) -> RefNode | None:
    found = await repo.lookup.ref(f"refs/heads/{await repo.lookup.default_branch()}")
    return RefNode(repo, found) if found else None


@resolves("Repository", "object")
async def object_(
    repo: Repository, info: Info, oid: str | None = None, expression: str | None = None
) -> CommitNode | ObjectNode | None:
    return await git_object(repo, oid or expression or "")


@resolves("Repository", "codeowners")
async def owners(repo: Repository, info: Info, refName: str = "HEAD") -> dict[str, Any] | None:  # noqa: N803 - GraphQL's name
    for path in codeowners.LOCATIONS:
        found = await git_object(repo, f"{refName}:{path}")
        if isinstance(found, ObjectNode) and found.info.kind == "blob":
            text = (await repo.reader.blob(found.info.sha)).decode(errors="replace")
            return {"errors": codeowners.errors(path, text)}
    return None


@resolves("Repository", "deployments")
def deployments(repo: Repository, info: Info, **args: Any) -> Connection:
    wanted = args.get("environments")
    found = [d for d in repo.history.deployments if not wanted or d.environment in wanted]
    order = args.get("orderBy") or {"direction": "ASC"}
    found.sort(key=lambda d: d.created_at, reverse=order["direction"] == "DESC")
    return page_of("deployments", [DeploymentNode(repo, d) for d in found], args)


@resolves("Repository", "releases")
def releases(repo: Repository, info: Info, **args: Any) -> Connection:
    order = args.get("orderBy") or {"field": "CREATED_AT", "direction": "DESC"}
    by_name = order["field"] == "NAME"
    found = sorted(
        repo.history.releases,
        key=lambda r: (r.name,) if by_name else (r.created_at,),
        reverse=order["direction"] == "DESC",
    )
    return page_of("releases", [ReleaseNode(repo, r) for r in found], args)


@resolves("Repository", "latestRelease")
def latest_release(repo: Repository, info: Info) -> ReleaseNode | None:
    found = max(repo.history.releases, key=lambda r: r.created_at, default=None)
    return ReleaseNode(repo, found) if found else None


@resolves("Repository", "pullRequest")
async def pull_request(repo: Repository, info: Info, number: int) -> PullNode:
    found = await pulls.find(repo, number)
    if found is None:
        raise Refusal("NOT_FOUND", f"Could not resolve to a PullRequest with the number of {number}.")
    return PullNode(repo, found)


@resolves("Repository", "pullRequests")
async def pull_requests(repo: Repository, info: Info, **args: Any) -> Connection:
    states = {state.lower() for state in args.get("states") or ()}
    base, head = args.get("baseRefName"), args.get("headRefName")
    found = [
        PullNode(repo, pull)
        for pull in await pulls.newest_first(repo)
        if (not states or pull.state in states)
        and (not head or pull.head_ref == head)
        and (not base or await pulls.base_branch(repo, pull) == base)
    ]
    order = args.get("orderBy") or {"direction": "ASC"}
    return page_of("pullRequests", found if order["direction"] == "DESC" else found[::-1], args)
