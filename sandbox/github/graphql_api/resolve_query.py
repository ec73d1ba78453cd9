"""Query: the ways in."""

from __future__ import annotations

import asyncio
from typing import Any

from sandbox.github import pulls
from sandbox.github.graphql_api.connection import Refusal
from sandbox.github.graphql_api.nodes import (
    Info,
    PullNode,
    UserNode,
    resolves,
    split_id,
)
from sandbox.github.graphql_api.resolve_object import git_object
from sandbox.github.graphql_api.resolve_ref import find_ref
from sandbox.github.repository import Repository
from sandbox.github.writer import VIEWER


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
        pull = await pulls.find(repo, int(key)) if key.isdecimal() else None
        return PullNode(repo, pull) if pull else None
    if prefix == "REF":
        return await find_ref(repo, key)
    return await git_object(repo, key)
