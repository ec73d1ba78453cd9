"""Deployment, Release, User and Bot: what the host remembers beside git."""

from __future__ import annotations

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
    resolves_plainly,
)
from sandbox.github.graphql_api.resolve_object import git_object
from sandbox.github.graphql_api.resolve_ref import find_ref
from sandbox.github.hosted import Deployment, number_of

resolves_plainly(
    "Deployment",
    {
        "id": lambda node: node_id("DE", node.repo, node.deployment.id),
        "databaseId": lambda node: node.deployment.id,
        "commitOid": lambda node: node.deployment.sha,
        "createdAt": lambda node: node.deployment.created_at,
        "updatedAt": lambda node: node.deployment.created_at,
        "environment": lambda node: node.deployment.environment,
        "latestEnvironment": lambda node: node.deployment.environment,
        "originalEnvironment": lambda node: node.deployment.environment,
        "state": lambda node: _state(node.deployment),
        "creator": lambda node: UserNode(node.deployment.creator or "ghost"),
        "latestStatus": lambda node: _statuses(node)[0],
        "task": lambda node: "deploy",
        "payload": lambda node: '""',
    },
)
resolves_plainly(
    "Release",
    {
        "id": lambda node: node_id("RE", node.repo, node.release.tag),
        "databaseId": lambda node: number_of(node.release.tag),
        "tagName": lambda node: node.release.tag,
        "name": lambda node: node.release.name,
        "createdAt": lambda node: node.release.created_at,
        "publishedAt": lambda node: node.release.created_at,
        "isDraft": lambda node: False,
        "isPrerelease": lambda node: False,
        "author": lambda node: UserNode(node.release.author) if node.release.author else None,
        "tag": lambda node: find_ref(node.repo, f"refs/tags/{node.release.tag}"),
        "tagCommit": lambda node: git_object(node.repo, f"refs/tags/{node.release.tag}^{{commit}}"),
    },
)
for _name in ("User", "Bot"):
    resolves_plainly(
        _name,
        {
            "id": lambda user: f"U_{user.login}",
            "databaseId": lambda user: number_of(user.login),
        },
    )
resolves_plainly("User", {"name": lambda user: None})


def _state(deployment: Deployment) -> str:
    return "ACTIVE" if deployment.state == "success" else deployment.state.upper()


@resolves("Deployment", "commit")
async def deployment_commit(node: DeploymentNode, info: Info) -> Any:
    found = await git_object(node.repo, node.deployment.sha)
    return found if isinstance(found, CommitNode) else None


@resolves("Deployment", "ref")
async def deployment_ref(node: DeploymentNode, info: Info) -> RefNode | None:
    return await find_ref(node.repo, node.deployment.ref) if node.deployment.ref else None


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


@resolves("User", "url")
@resolves("Bot", "url")
def account_url(user: UserNode, info: Info) -> str:
    return info.context.urls.user(user.login)


@resolves("User", "avatarUrl")
@resolves("Bot", "avatarUrl")
def avatar_url(user: UserNode, info: Info, size: int | None = None) -> str:
    return info.context.urls.avatar(user.login)
