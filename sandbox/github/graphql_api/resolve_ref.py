"""Ref and Comparison."""

from __future__ import annotations

from typing import Any

from sandbox.github.graphql_api.connection import Connection, page_from, page_of
from sandbox.github.graphql_api.nodes import (
    CommitNode,
    ComparisonNode,
    Info,
    RefNode,
    node_id,
    resolves,
    resolves_plainly,
)
from sandbox.github.graphql_api.resolve_commit import listed
from sandbox.github.graphql_api.resolve_object import git_object
from sandbox.github.graphql_api.resolve_repository import pull_requests
from sandbox.github.names import BadName
from sandbox.github.repository import Repository
from sandbox.github.values import Selection

resolves_plainly(
    "Ref",
    {
        "id": lambda node: node_id("REF", node.repo, node.ref.name),
        "name": lambda node: node.ref.short,
        "prefix": lambda node: node.ref.name.removesuffix(node.ref.short),
        "target": lambda node: git_object(node.repo, node.ref.sha),
    },
)
resolves_plainly(
    "Comparison",
    {
        "id": lambda node: node_id("CMP", node.repo, f"{node.base}...{node.head}"),
        "status": lambda node: node.divergence.status.upper(),
        "aheadBy": lambda node: node.divergence.ahead,
        "behindBy": lambda node: node.divergence.behind,
        "baseTarget": lambda node: git_object(node.repo, node.base),
        "headTarget": lambda node: git_object(node.repo, node.head),
    },
)


async def find_ref(repo: Repository, name: str) -> RefNode | None:
    """A reference by its full name, or a branch or tag by its short one."""
    names = [name] if name.startswith("refs/") else [f"refs/heads/{name}", f"refs/tags/{name}"]
    for candidate in names:
        try:
            found = await repo.lookup.ref(candidate)
        except BadName:
            return None
        if found:
            return RefNode(repo, found)
    return None


@resolves("Repository", "ref")
async def ref(repo: Repository, info: Info, qualifiedName: str) -> RefNode | None:  # noqa: N803 - GraphQL's name
    return await find_ref(repo, qualifiedName)


@resolves("Repository", "refs")
async def refs(repo: Repository, info: Info, **args: Any) -> Connection:
    prefix = args["refPrefix"].rstrip("/") + "/"
    if prefix not in ("refs/heads/", "refs/tags/"):
        return page_of("refs", [], args)
    found = await repo.lookup.refs(prefix, 5000)
    query = args.get("query") or ""
    return page_of("refs", [RefNode(repo, r) for r in found if query in r.short], args)


@resolves("Ref", "associatedPullRequests")
async def ref_pull_requests(node: RefNode, info: Info, **args: Any) -> Connection:
    return await pull_requests(node.repo, info, **{**args, "headRefName": node.ref.short})


@resolves("Ref", "compare")
async def ref_compare(node: RefNode, info: Info, headRef: str) -> ComparisonNode | None:  # noqa: N803 - GraphQL's name
    """Takes names of references only: that GitHub takes a bare commit id here is documented nowhere."""
    head_ref = await find_ref(node.repo, headRef)
    base = await node.repo.lookup.commit_id(node.ref.name)
    head = await node.repo.lookup.commit_id(head_ref.ref.name) if head_ref else None
    if base is None or head is None:
        return None
    return ComparisonNode(node.repo, base, head, await node.repo.reader.divergence(base, head))


@resolves("Comparison", "commits")
async def comparison_commits(node: ComparisonNode, info: Info, **args: Any) -> Connection:
    async def fetch(skip: int, limit: int) -> list[CommitNode]:
        oldest = max(0, node.divergence.ahead - skip - limit)
        count = node.divergence.ahead - skip - oldest
        selection = Selection(node.head, exclude=node.base)
        newest_first = await node.repo.reader.log(selection, skip=oldest, limit=count)
        return listed(node.repo, newest_first)[::-1]

    async def total() -> int:
        return node.divergence.ahead

    return await page_from("commits", args, fetch, total)
