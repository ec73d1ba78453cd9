"""Blob, Tree, TreeEntry and Tag; and how a name becomes one of them or a commit."""

from __future__ import annotations

from typing import Any

from sandbox.github.graphql_api.nodes import (
    CommitNode,
    Info,
    ObjectNode,
    node_id,
    resolves,
    resolves_plainly,
)
from sandbox.github.names import BadName
from sandbox.github.repository import Repository
from sandbox.github.values import TreeEntry

_TEXT_LIMIT = 512_000  # bytes after which GitHub cuts the text of a blob

for _name in ("Blob", "Tree", "Tag"):
    resolves_plainly(
        _name,
        {
            "oid": lambda node: node.info.sha,
            "abbreviatedOid": lambda node: node.info.sha[:7],
            "id": lambda node: node_id(node.TYPE[0], node.repo, node.info.sha),
        },
    )

for _name in ("Commit", "Blob", "Tree", "Tag", "Ref", "Deployment", "PullRequest"):
    resolves_plainly(_name, {"repository": lambda node: node.repo})


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


@resolves("Blob", "commitUrl")
@resolves("Tree", "commitUrl")
@resolves("Tag", "commitUrl")
def object_url(node: ObjectNode, info: Info) -> str:
    return info.context.urls.page(node.repo, "tree", node.info.sha)


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


@resolves("Tree", "entries")
async def entries(node: ObjectNode, info: Info) -> list[dict[str, Any]]:
    return [tree_entry(node.repo, entry, "") for entry in await node.repo.reader.tree(node.info.sha)]


def tree_entry(repo: Repository, entry: TreeEntry, folder: str) -> dict[str, Any]:
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
