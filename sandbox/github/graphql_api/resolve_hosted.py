"""Deployment, Release, User and Bot: what the host remembers beside git."""

from __future__ import annotations

import zlib
from typing import Any

from sandbox.github.graphql_api.connection import Connection, page_of
from sandbox.github.graphql_api.nodes import (
    CommitNode,
    DeploymentNode,
    Info,
    RefNode,
    ReleaseNode,
    UserNode,
    node_id,
    resolves,
)
from sandbox.github.graphql_api.resolve_repository import git_object, ref
from sandbox.github.hosted import Deployment

_PLAIN_DEPLOYMENT = {
    "databaseId": lambda deployment: deployment.id,
    "commitOid": lambda deployment: deployment.sha,
    "createdAt": lambda deployment: deployment.created_at,
    "updatedAt": lambda deployment: deployment.created_at,
    "environment": lambda deployment: deployment.environment,
    "latestEnvironment": lambda deployment: deployment.environment,
    "originalEnvironment": lambda deployment: deployment.environment,
    "state": lambda deployment: "ACTIVE" if deployment.state == "success" else deployment.state.upper(),
    "task": lambda _: "deploy",
    "payload": lambda _: '""',
}
_PLAIN_RELEASE = {
    "databaseId": lambda release: zlib.crc32(release.tag.encode()) & 0x7FFFFFFF,
    "tagName": lambda release: release.tag,
    "name": lambda release: release.name,
    "createdAt": lambda release: release.created_at,
    "publishedAt": lambda release: release.created_at,
    "isDraft": lambda _: False,
    "isPrerelease": lambda _: False,
}


def _bind_plain_fields() -> None:
    for name, read in _PLAIN_DEPLOYMENT.items():
        resolves("Deployment", name)(lambda node, info, read=read: read(node.deployment))
    for name, read in _PLAIN_RELEASE.items():
        resolves("Release", name)(lambda node, info, read=read: read(node.release))


_bind_plain_fields()


@resolves("Deployment", "id")
def deployment_id(node: DeploymentNode, info: Info) -> str:
    return node_id("DE", node.repo, node.deployment.id)


@resolves("Deployment", "commit")
async def deployment_commit(node: DeploymentNode, info: Info) -> Any:
    found = await git_object(node.repo, node.deployment.sha)
    return found if isinstance(found, CommitNode) else None


@resolves("Deployment", "creator")
def creator(node: DeploymentNode, info: Info) -> UserNode:
    return UserNode(node.deployment.creator or "ghost")


@resolves("Deployment", "ref")
async def deployment_ref(node: DeploymentNode, info: Info) -> RefNode | None:
    return await ref(node.repo, info, node.deployment.ref) if node.deployment.ref else None


@resolves("Deployment", "latestStatus")
def latest_status(node: DeploymentNode, info: Info) -> dict[str, Any]:
    return _statuses(node)[0]


@resolves("Deployment", "statuses")
def statuses(node: DeploymentNode, info: Info, **args: Any) -> Connection:
    return page_of("statuses", _statuses(node), args)


def status_words(deployment: Deployment) -> tuple[str, ...]:
    """States a deployment went through, newest first: what is inactive was a success before."""
    return ("inactive", "success") if deployment.state == "inactive" else (deployment.state,)


def _statuses(node: DeploymentNode) -> list[dict[str, Any]]:
    deployment = node.deployment
    return [
        {
            "id": node_id("DES", node.repo, f"{deployment.id}/{word}"),
            "state": word.upper(),
            "createdAt": deployment.created_at,
            "updatedAt": deployment.created_at,
            "creator": UserNode(deployment.creator or "ghost"),
        }
        for word in status_words(deployment)
    ]


@resolves("Release", "id")
def release_id(node: ReleaseNode, info: Info) -> str:
    return node_id("RE", node.repo, node.release.tag)


@resolves("Release", "isLatest")
def is_latest(node: ReleaseNode, info: Info) -> bool:
    return node.release == max(node.repo.history.releases, key=lambda release: release.created_at)


@resolves("Release", "url")
def release_url(node: ReleaseNode, info: Info) -> str:
    return info.context.urls.page(node.repo, "releases", "tag", node.release.tag)


@resolves("Release", "author")
def release_author(node: ReleaseNode, info: Info) -> UserNode | None:
    login = node.release.author
    # A name taken from a tag may be no login at all.
    return UserNode(login) if login and " " not in login else None


@resolves("Release", "tag")
async def release_tag(node: ReleaseNode, info: Info) -> RefNode | None:
    return await ref(node.repo, info, f"refs/tags/{node.release.tag}")


@resolves("Release", "tagCommit")
async def tag_commit(node: ReleaseNode, info: Info) -> Any:
    return await git_object(node.repo, f"refs/tags/{node.release.tag}^{{commit}}")


def _bind_accounts() -> None:
    for name in ("User", "Bot"):
        resolves(name, "id")(lambda user, info: f"U_{user.login}")
        resolves(name, "url")(lambda user, info: info.context.urls.user(user.login))
        resolves(name, "avatarUrl")(lambda user, info, **args: info.context.urls.avatar(user.login))
        resolves(name, "databaseId")(lambda user, info: zlib.crc32(user.login.encode()) & 0x7FFFFFFF)
    resolves("User", "name")(lambda user, info: None)


_bind_accounts()
