"""createRef, createCommitOnBranch, createPullRequest and revertPullRequest."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from sandbox.github import proposals, pulls
from sandbox.github.graphql_api.connection import Refusal
from sandbox.github.graphql_api.nodes import CommitNode, Info, PullNode, RefNode, resolves, split_id
from sandbox.github.names import BadName
from sandbox.github.repository import Repository
from sandbox.github.values import Ref
from sandbox.github.writer import Rejected


def _by_id(info: Info, prefix: str, id: str) -> tuple[Repository, str]:
    found = split_id(info.context.host, id)
    if found is None or found[0] != prefix:
        raise Refusal("NOT_FOUND", f"Could not resolve to a node with the global id of '{id}'.")
    return found[1], found[2]


@resolves("Mutation", "createRef")
async def create_ref(_: None, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    repo, _key = _by_id(info, "R", input["repositoryId"])
    proposals.check_writable(repo)
    try:
        sha = await repo.lookup.commit_id(input["oid"])
    except BadName:
        sha = None
    if sha is None:
        raise Rejected("Object does not exist")
    await repo.writer.create_ref(input["name"], sha)
    ref = RefNode(repo, Ref(input["name"], sha, "commit"))
    return {"clientMutationId": input.get("clientMutationId"), "ref": ref}


@resolves("Mutation", "createCommitOnBranch")
async def create_commit_on_branch(_: None, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    repo, branch = _branch(info, input["branch"])
    files, words = input.get("fileChanges") or {}, input["message"]
    changes: dict[str, bytes | None] = {entry["path"]: None for entry in files.get("deletions") or ()}
    changes |= {entry["path"]: _content(entry["contents"]) for entry in files.get("additions") or ()}
    message = words["headline"] + (f"\n\n{words['body']}" if words.get("body") else "")
    commit = await proposals.commit_on_branch(repo, branch, input["expectedHeadOid"], message, changes)
    return {
        "clientMutationId": input.get("clientMutationId"),
        "commit": CommitNode(repo, commit),
        "ref": RefNode(repo, Ref(f"refs/heads/{branch}", commit.sha, "commit")),
    }


def _branch(info: Info, given: dict[str, Any]) -> tuple[Repository, str]:
    if given.get("id"):
        repo, name = _by_id(info, "REF", given["id"])
        return repo, name.removeprefix("refs/heads/")
    full_name, branch = given.get("repositoryNameWithOwner") or "", given.get("branchName") or ""
    owner, _, name = full_name.partition("/")
    found = info.context.host.repository(owner, name)
    if found is None or not branch:
        raise Refusal("NOT_FOUND", f"Could not resolve to a Repository with the name '{full_name}'.")
    return found, branch.removeprefix("refs/heads/")


def _content(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise Refusal("UNPROCESSABLE", "contents must be encoded as Base64") from error


@resolves("Mutation", "createPullRequest")
async def create_pull_request(_: None, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    repo, _key = _by_id(info, "R", input["repositoryId"])
    pull = await proposals.open_pull_request(
        repo,
        input["baseRefName"].removeprefix("refs/heads/"),
        input["headRefName"].removeprefix("refs/heads/"),
        input["title"],
        input.get("body") or "",
        draft=bool(input.get("draft")),
    )
    return {"clientMutationId": input.get("clientMutationId"), "pullRequest": PullNode(repo, pull)}


@resolves("Mutation", "revertPullRequest")
async def revert_pull_request(_: None, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    repo, number = _by_id(info, "PR", input["pullRequestId"])
    pull = await pulls.find(repo, int(number))
    if pull is None:
        raise Refusal("NOT_FOUND", f"Could not resolve to a PullRequest with the number of {number}.")
    revert = await proposals.revert_pull_request(
        repo, pull, input.get("title"), input.get("body"), draft=bool(input.get("draft"))
    )
    return {
        "clientMutationId": input.get("clientMutationId"),
        "pullRequest": PullNode(repo, pull),
        "revertPullRequest": PullNode(repo, revert),
    }
