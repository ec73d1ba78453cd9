"""Pull requests, deployments, releases, and who is asking."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aiohttp import web

from sandbox.github import pulls
from sandbox.github.graphql_api.resolve_hosted import status_words
from sandbox.github.host import Budget
from sandbox.github.hosted import PullRequest
from sandbox.github.repository import Repository
from sandbox.github.rest import views
from sandbox.github.rest.answers import HOST, listing, not_found, repository_of, urls_of
from sandbox.github.writer import VIEWER

routes = web.RouteTableDef()


@routes.get("/repos/{owner}/{name}/pulls")
async def list_pulls(request: web.Request) -> web.Response:
    repo, urls, query = repository_of(request), urls_of(request), request.query
    state, head = query.get("state", "open"), query.get("head", "").partition(":")[2]
    found = [
        pull
        for pull in await pulls.newest_first(repo)
        if state == "all" or (pull.state == "open") == (state == "open")
        if not head or pull.head_ref == head
        if not query.get("base") or await pulls.base_branch(repo, pull) == query["base"]
    ]
    return listing(request, [await views.pull(repo, urls, pull) for pull in found])


async def pull_of(repo: Repository, request: web.Request) -> PullRequest:
    """The pull request a path names. Raises Problem 404."""
    number = request.match_info["number"]
    found = await pulls.find(repo, int(number)) if number.isdecimal() and len(number) < 10 else None
    if found is None:
        raise not_found()
    return found


@routes.get("/repos/{owner}/{name}/pulls/{number}")
async def get_pull(request: web.Request) -> web.Response:
    repo, urls = repository_of(request), urls_of(request)
    pull = await pull_of(repo, request)
    files = await pulls.files(repo, pull)
    body = {
        **await views.pull(repo, urls, pull),
        "commits": len(await pulls.commits(repo, pull)),
        "changed_files": len(files),
        "additions": sum(file.additions or 0 for file in files),
        "deletions": sum(file.deletions or 0 for file in files),
    }
    return web.json_response(body)


@routes.get("/repos/{owner}/{name}/pulls/{number}/files")
async def pull_files(request: web.Request) -> web.Response:
    repo, urls = repository_of(request), urls_of(request)
    pull = await pull_of(repo, request)
    ends = await pulls.ends(repo, pull)
    found = await pulls.patches(repo, pull)
    return listing(request, views.files(repo, urls, ends[1], found) if ends else [])


@routes.get("/repos/{owner}/{name}/pulls/{number}/commits")
async def pull_commits(request: web.Request) -> web.Response:
    repo, urls = repository_of(request), urls_of(request)
    found = await pulls.commits(repo, await pull_of(repo, request))
    return listing(request, [views.commit(repo, urls, commit) for commit in found])


@routes.get("/repos/{owner}/{name}/deployments")
async def list_deployments(request: web.Request) -> web.Response:
    repo, urls, query = repository_of(request), urls_of(request), request.query
    wanted = {key: query[key] for key in ("environment", "sha", "ref") if query.get(key)}
    found = [d for d in repo.history.deployments if all(getattr(d, k) == v for k, v in wanted.items())]
    found.sort(key=lambda deployment: deployment.created_at, reverse=True)
    return listing(request, [views.deployment(repo, urls, deployment) for deployment in found])


@routes.get("/repos/{owner}/{name}/deployments/{id}/statuses")
async def deployment_statuses(request: web.Request) -> web.Response:
    repo, urls = repository_of(request), urls_of(request)
    wanted = request.match_info["id"]
    found = next((d for d in repo.history.deployments if str(d.id) == wanted), None)
    if found is None:
        raise not_found()
    address = urls.rest(repo, "deployments", wanted)
    statuses = [
        {
            "id": found.id * 10 + index,
            "state": word,
            "environment": found.environment,
            "creator": views.user(urls, found.creator or "ghost"),
            "created_at": views.when(found.created_at),
            "updated_at": views.when(found.created_at),
            "deployment_url": address,
            "url": f"{address}/statuses/{found.id * 10 + index}",
        }
        for index, word in enumerate(status_words(found))
    ]
    return listing(request, statuses)


@routes.get("/repos/{owner}/{name}/releases")
async def list_releases(request: web.Request) -> web.Response:
    repo, urls = repository_of(request), urls_of(request)
    found = sorted(repo.history.releases, key=lambda release: release.created_at, reverse=True)
    return listing(request, [views.release(repo, urls, release) for release in found])


@routes.get("/rate_limit")
async def rate_limit(request: web.Request) -> web.Response:
    host = request.app[HOST]
    rest, graphql = _bucket(host.rest_budget), _bucket(host.graphql_budget)
    return web.json_response({"resources": {"core": rest, "graphql": graphql}, "rate": rest})


def _bucket(budget: Budget) -> dict[str, int]:
    return {
        "limit": budget.limit,
        "used": budget.used,
        "remaining": budget.remaining,
        "reset": budget.reset,
    }


@routes.get("/user")
async def get_user(request: web.Request) -> web.Response:
    return web.json_response(views.user(urls_of(request), VIEWER))


@routes.get("/app")
async def get_app(request: web.Request) -> web.Response:
    """The App whose JWT was sent; that one was sent is all that is checked of it."""
    return web.json_response({"id": 1, "slug": "incident-pilot", "name": "Incident Pilot"})


@routes.post("/app/installations/{id}/access_tokens")
async def access_token(request: web.Request) -> web.Response:
    """A token for an App's installation; that a JWT was sent is all that is checked of it."""
    expires = views.when(datetime.now(UTC) + timedelta(hours=1))
    permissions = {"contents": "write", "deployments": "read", "metadata": "read", "pull_requests": "write"}
    body = {"token": request.app[HOST].mint(), "expires_at": expires, "permissions": permissions}
    return web.json_response({**body, "repository_selection": "all"}, status=201)
