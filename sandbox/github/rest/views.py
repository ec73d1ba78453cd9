"""Values as GitHub's REST JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sandbox.github import pulls
from sandbox.github.differences import MAX_FILES
from sandbox.github.host import Urls
from sandbox.github.hosted import Deployment, PullRequest, Release, number_of
from sandbox.github.repository import Repository
from sandbox.github.values import Commit, FileDiff, Ref, Signature

_STATUS = {"A": "added", "D": "removed", "R": "renamed", "C": "copied", "T": "changed"}


def when(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def user(urls: Urls, login: str) -> dict[str, Any]:
    return {
        "login": login,
        "id": number_of(login),
        "type": "Bot" if login.endswith("[bot]") else "User",
        "url": f"{urls.api}/users/{login}",
        "html_url": urls.user(login),
        "avatar_url": urls.avatar(login),
        "site_admin": False,
    }


async def repository(repo: Repository, urls: Urls) -> dict[str, Any]:
    tip = await repo.lookup.commit_id("HEAD")
    pushed_at = when((await repo.reader.commit(tip)).committer.at) if tip else None
    return {
        "id": repo.id,
        "name": repo.name,
        "full_name": repo.full_name,
        "private": False,
        "archived": False,
        "fork": False,
        "owner": user(urls, repo.owner),
        "default_branch": await repo.lookup.default_branch(),
        "pushed_at": pushed_at,
        "url": urls.rest(repo),
        "html_url": urls.page(repo),
        "permissions": {"admin": False, "push": repo.writable, "pull": True},
    }


def commit(repo: Repository, urls: Urls, value: Commit) -> dict[str, Any]:
    return {
        "sha": value.sha,
        "url": urls.rest(repo, "commits", value.sha),
        "html_url": urls.page(repo, "commit", value.sha),
        "commit": {
            "message": value.message,
            "author": _signature(value.author),
            "committer": _signature(value.committer),
            "tree": {"sha": value.tree, "url": urls.rest(repo, "git", "trees", value.tree)},
            "url": urls.rest(repo, "git", "commits", value.sha),
            "comment_count": 0,
        },
        "author": _account(repo, urls, value.author),
        "committer": _account(repo, urls, value.committer),
        "parents": [
            {
                "sha": sha,
                "url": urls.rest(repo, "commits", sha),
                "html_url": urls.page(repo, "commit", sha),
            }
            for sha in value.parents
        ],
    }


def _signature(value: Signature) -> dict[str, Any]:
    return {"name": value.name, "email": value.email, "date": when(value.at)}


def _account(repo: Repository, urls: Urls, value: Signature) -> dict[str, Any] | None:
    login = repo.history.login(value.email)
    return user(urls, login) if login else None


def files(repo: Repository, urls: Urls, sha: str, found: Sequence[FileDiff]) -> list[dict[str, Any]]:
    return [_file(repo, urls, sha, file) for file in found[:MAX_FILES]]


def _file(repo: Repository, urls: Urls, sha: str, file: FileDiff) -> dict[str, Any]:
    added, deleted = file.additions or 0, file.deletions or 0
    body: dict[str, Any] = {
        "sha": file.sha,
        "filename": file.path,
        "status": _STATUS.get(file.status, "modified"),
        "additions": added,
        "deletions": deleted,
        "changes": added + deleted,
        "blob_url": urls.page(repo, "blob", sha, file.path),
        "contents_url": f"{urls.rest(repo, 'contents', file.path)}?ref={sha}",
    }
    if file.previous_path is not None:
        body["previous_filename"] = file.previous_path
    if file.patch is not None:
        body["patch"] = file.patch
    return body


def ref(repo: Repository, urls: Urls, value: Ref) -> dict[str, Any]:
    plural = f"{value.kind}s"
    return {
        "ref": value.name,
        "url": urls.rest(repo, "git", value.name),
        "object": {"type": value.kind, "sha": value.sha, "url": urls.rest(repo, "git", plural, value.sha)},
    }


async def pull(repo: Repository, urls: Urls, value: PullRequest) -> dict[str, Any]:
    ends = await pulls.ends(repo, value)
    base, head = await pulls.base_branch(repo, value), pulls.head_branch(value)
    own = user(urls, repo.owner)
    return {
        "id": value.number,
        "number": value.number,
        "url": urls.rest(repo, "pulls", str(value.number)),
        "issue_url": urls.rest(repo, "issues", str(value.number)),
        "html_url": urls.page(repo, "pull", str(value.number)),
        "state": "open" if value.state == "open" else "closed",
        "title": value.title,
        "body": value.body,
        "draft": value.draft,
        "user": user(urls, value.author) if value.author else None,
        "created_at": when(value.created_at or value.merged_at),
        "merged_at": when(value.merged_at),
        "closed_at": when(value.merged_at),
        "merged": value.state == "merged",
        "merge_commit_sha": value.merge_commit,
        "labels": labels(value),
        "requested_reviewers": [user(urls, login) for login in value.reviewers],
        "requested_teams": [{"slug": slug, "name": slug} for slug in value.teams],
        "base": {"ref": base, "label": f"{repo.owner}:{base}", "sha": ends and ends[0], "user": own},
        "head": {"ref": head, "label": f"{repo.owner}:{head}", "sha": ends and ends[1], "user": own},
    }


def labels(value: PullRequest) -> list[dict[str, Any]]:
    return [{"name": name, "color": "ededed"} for name in value.labels]


def deployment(repo: Repository, urls: Urls, value: Deployment) -> dict[str, Any]:
    address = urls.rest(repo, "deployments", str(value.id))
    return {
        "id": value.id,
        "sha": value.sha,
        "ref": value.ref or value.sha,
        "task": "deploy",
        "environment": value.environment,
        "original_environment": value.environment,
        "description": None,
        "payload": {},
        "creator": user(urls, value.creator or "ghost"),
        "created_at": when(value.created_at),
        "updated_at": when(value.created_at),
        "url": address,
        "statuses_url": f"{address}/statuses",
        "repository_url": urls.rest(repo),
    }


def release(repo: Repository, urls: Urls, value: Release) -> dict[str, Any]:
    number = number_of(value.tag)
    return {
        "id": number,
        "tag_name": value.tag,
        "name": value.name,
        "draft": False,
        "prerelease": False,
        "body": "",
        "target_commitish": value.tag,
        "created_at": when(value.created_at),
        "published_at": when(value.created_at),
        "author": user(urls, value.author) if value.author else None,
        "url": urls.rest(repo, "releases", str(number)),
        "html_url": urls.page(repo, "releases", "tag", value.tag),
    }
