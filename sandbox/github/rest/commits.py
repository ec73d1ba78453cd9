"""Commits and comparisons."""

from __future__ import annotations

from datetime import datetime

from aiohttp import web

from sandbox.github import pulls
from sandbox.github.hosted import instant
from sandbox.github.names import BadName, clean_path
from sandbox.github.rest import views
from sandbox.github.rest.answers import (
    Problem,
    commit_id,
    links,
    listing,
    not_found,
    page_of,
    repository_of,
    urls_of,
)
from sandbox.github.values import Selection

MAX_COMMITS = 250
routes = web.RouteTableDef()


@routes.get("/repos/{owner}/{name}/commits")
async def list_commits(request: web.Request) -> web.Response:
    repo, urls, query = repository_of(request), urls_of(request), request.query
    tip = await commit_id(repo, query.get("sha") or "HEAD")
    page, per_page = page_of(request)
    try:
        path = clean_path(query.get("path", "")) or None
    except BadName:
        return web.json_response([])
    selection = Selection(
        tip,
        path=path,
        since=_time(query.get("since")),
        until=_time(query.get("until")),
        author=query.get("author"),
    )
    found = await repo.reader.log(selection, limit=per_page + 1, skip=(page - 1) * per_page)
    shown = found[:per_page]
    repo.history.learn(shown)
    headers = links(request, page, len(found) > per_page)
    return web.json_response([views.commit(repo, urls, value) for value in shown], headers=headers)


def _time(text: str | None) -> datetime | None:
    try:
        return instant(text) if text else None
    except ValueError as error:
        raise Problem(422, f"{text!r} is not an ISO 8601 timestamp") from error


@routes.get("/repos/{owner}/{name}/commits/{sha}/pulls")
async def commit_pulls(request: web.Request) -> web.Response:
    repo, urls = repository_of(request), urls_of(request)
    commit = await repo.reader.commit(await commit_id(repo, request.match_info["sha"]))
    found = await pulls.of_commit(repo, commit)
    return listing(request, [await views.pull(repo, urls, pull) for pull in found])


@routes.get("/repos/{owner}/{name}/commits/{ref:.+}")
async def get_commit(request: web.Request) -> web.Response:
    repo, urls = repository_of(request), urls_of(request)
    try:
        sha = await commit_id(repo, request.match_info["ref"])
    except Problem as error:
        raise Problem(422, f"No commit found for SHA: {request.match_info['ref']}") from error
    commit, files = await repo.reader.commit(sha), await repo.differences.patches_of(sha)
    added = sum(file.additions or 0 for file in files)
    deleted = sum(file.deletions or 0 for file in files)
    return web.json_response(
        {
            **views.commit(repo, urls, commit),
            "stats": {"total": added + deleted, "additions": added, "deletions": deleted},
            "files": views.files(repo, urls, sha, files),
        }
    )


@routes.get("/repos/{owner}/{name}/compare/{basehead:.+}")
async def compare(request: web.Request) -> web.Response:
    repo, urls = repository_of(request), urls_of(request)
    base_name, dots, head_name = request.match_info["basehead"].partition("...")
    if not dots:
        raise not_found()
    base, head = await commit_id(repo, base_name), await commit_id(repo, head_name)
    divergence = await repo.reader.divergence(base, head)
    if divergence.merge_base is None:
        raise Problem(404, f"No common ancestor between {base_name} and {head_name}.")
    page, per_page = page_of(request, default=MAX_COMMITS, maximum=MAX_COMMITS)
    ahead, skip = divergence.ahead, (page - 1) * per_page
    oldest = max(0, ahead - skip - per_page)
    count = max(0, ahead - skip - oldest)
    selection = Selection(head, exclude=base)
    newest_first = await repo.reader.log(selection, skip=oldest, limit=count) if count else []
    repo.history.learn(newest_first)
    files = await repo.differences.patches(divergence.merge_base, head) if page == 1 else ()
    base_commit, merge_base = await repo.reader.commits([base, divergence.merge_base])
    body = {
        "url": urls.rest(repo, "compare", f"{base_name}...{head_name}"),
        "html_url": urls.page(repo, "compare", f"{base_name}...{head_name}"),
        "status": divergence.status,
        "ahead_by": ahead,
        "behind_by": divergence.behind,
        "total_commits": ahead,
        "base_commit": views.commit(repo, urls, base_commit),
        "merge_base_commit": views.commit(repo, urls, merge_base),
        "commits": [views.commit(repo, urls, commit) for commit in reversed(newest_first)],
        "files": views.files(repo, urls, head, files),
    }
    return web.json_response(body, headers=links(request, page, oldest > 0, -(-ahead // per_page)))
