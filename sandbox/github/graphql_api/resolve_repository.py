"""Query, Repository, Ref, Deployment and Release."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from sandbox.github import codeowners, pulls
from sandbox.github.graphql_api.connection import Connection, Refusal, page_of
from sandbox.github.graphql_api.nodes import (
    CommitNode,
    ComparisonNode,
    DeploymentNode,
    Info,
    ObjectNode,
    PullNode,
    RefNode,
    ReleaseNode,
    UserNode,
    node_id,
    resolves,
    split_id,
)
from sandbox.github.names import BadName
from sandbox.github.repository import Repository
from sandbox.github.writer import VIEWER

_MAX_REFS = 5000


@resolves("Query", "repository")
def repository(_: None, info: Info, owner: str, name: str) -> Repository:
    repo = info.context.host.repository(owner, name)
    if repo is None:
        message = f"Could not resolve to a Repository with the name '{owner}/{name}'."
        raise Refusal("NOT_FOUND", message)
    return repo


@resolves("Query", "rateLimit")
def rate_limit(_: None, info: Info, **_args: Any) -> dict[str, Any]:
    call, budget = info.context, info.context.host.graphql_budget
    return {
        "cost": call.cost,
        "nodeCount": call.nodes,
        "limit": budget.limit,
        "used": budget.used,
        "remaining": budget.remaining,
        "resetAt": budget.resets_at,
    }


@resolves("Query", "viewer")
def viewer(_: None, info: Info) -> UserNode:
    return UserNode(VIEWER)


@resolves("Query", "node")
async def node(_: None, info: Info, id: str) -> Any:
    found = split_id(info.context.host, id)
    result = await _node(*found) if found else None
    if result is None:
        raise Refusal("NOT_FOUND", f"Could not resolve to a node with the global id of '{id}'")
    return result


@resolves("Query", "nodes")
async def nodes(_: None, info: Info, ids: list[str]) -> list[Any]:
    async def one(id: str) -> Any:
        try:
            return await node(None, info, id)
        except Refusal as refusal:
            return refusal  # an error in its place, the other nodes still answer

    return list(await asyncio.gather(*(one(id) for id in ids)))


async def _node(prefix: str, repo: Repository, key: str) -> Any:
    if prefix == "R":
        return repo
    if prefix == "PR":
        pull = await pulls.find(repo, int(key))
        return PullNode(repo, pull) if pull else None
    if prefix == "REF":
        ref = await repo.lookup.ref(key)
        return RefNode(repo, ref) if ref else None
    return await git_object(repo, key)


async def git_object(repo: Repository, expression: str) -> CommitNode | ObjectNode | None:
    """The object an id or expression names."""
    try:
        info = await repo.lookup.info(expression)
    except BadName:
        return None
    if info is None:
        return None
    if info.kind == "commit":
        return CommitNode(repo, await repo.reader.commit(info.sha))
    return ObjectNode(repo, info)


def _bind_back_references() -> None:
    for name in ("Commit", "Blob", "Tree", "Tag", "Ref", "Deployment", "PullRequest"):
        resolves(name, "repository")(lambda node, info: node.repo)


_bind_back_references()


@resolves("Repository", "id")
def repository_id(repo: Repository, info: Info) -> str:
    return node_id("R", repo)


@resolves("Repository", "databaseId")
def database_id(repo: Repository, info: Info) -> int:
    return repo.id & 0x7FFFFFFF


@resolves("Repository", "nameWithOwner")
def name_with_owner(repo: Repository, info: Info) -> str:
    return repo.full_name


@resolves("Repository", "owner")
def owner(repo: Repository, info: Info) -> UserNode:
    return UserNode(repo.owner)


@resolves("Repository", "isPrivate", "isArchived")
def no(repo: Repository, info: Info) -> bool:
    return False


@resolves("Repository", "url")
def url(repo: Repository, info: Info) -> str:
    return info.context.urls.page(repo)


@resolves("Repository", "viewerPermission")
def viewer_permission(repo: Repository, info: Info) -> str:
    return "WRITE" if repo.writable else "READ"


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


@resolves("Repository", "ref")
async def ref(repo: Repository, info: Info, qualifiedName: str) -> RefNode | None:  # noqa: N803 - GraphQL's name
    names = (
        [qualifiedName]
        if qualifiedName.startswith("refs/")
        else [
            f"refs/heads/{qualifiedName}",
            f"refs/tags/{qualifiedName}",
        ]
    )
    for name in names:
        try:
            found = await repo.lookup.ref(name)
        except BadName:
            return None
        if found:
            return RefNode(repo, found)
    return None


@resolves("Repository", "refs")
async def refs(repo: Repository, info: Info, **args: Any) -> Connection:
    prefix = args["refPrefix"].rstrip("/") + "/"
    if prefix not in ("refs/heads/", "refs/tags/"):
        return page_of("refs", [], args)
    found = await repo.lookup.refs(prefix, _MAX_REFS)
    query = args.get("query") or ""
    return page_of("refs", [RefNode(repo, r) for r in found if query in r.short], args)


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


@resolves("Ref", "associatedPullRequests")
async def ref_pull_requests(node: RefNode, info: Info, **args: Any) -> Connection:
    return await pull_requests(node.repo, info, **{**args, "headRefName": node.ref.short})


@resolves("Ref", "id")
def ref_id(node: RefNode, info: Info) -> str:
    return node_id("REF", node.repo, node.ref.name)


@resolves("Ref", "name")
def ref_name(node: RefNode, info: Info) -> str:
    return node.ref.short


@resolves("Ref", "prefix")
def ref_prefix(node: RefNode, info: Info) -> str:
    return node.ref.name.removesuffix(node.ref.short)


@resolves("Ref", "target")
async def ref_target(node: RefNode, info: Info) -> CommitNode | ObjectNode | None:
    return await git_object(node.repo, node.ref.sha)


@resolves("Ref", "compare")
async def ref_compare(node: RefNode, info: Info, headRef: str) -> ComparisonNode | None:  # noqa: N803 - GraphQL's name
    head_ref = await ref(node.repo, info, headRef)
    base = await node.repo.lookup.commit_id(node.ref.name)
    head = await node.repo.lookup.commit_id(head_ref.ref.name) if head_ref else None
    if base is None or head is None:
        return None
    return ComparisonNode(node.repo, base, head, await node.repo.reader.divergence(base, head))
