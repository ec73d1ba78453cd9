"""References, blobs, trees, commits, files and pull requests made over REST."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from aiohttp import web

from sandbox.github import proposals
from sandbox.github.git import GitFailed
from sandbox.github.names import BadName, is_full_id
from sandbox.github.repository import Repository
from sandbox.github.rest import views
from sandbox.github.rest.answers import (
    Problem,
    as_object,
    body_of,
    commit_id,
    json_of,
    needed,
    repository_of,
    urls_of,
)
from sandbox.github.rest.hosted import pull_of
from sandbox.github.values import Ref
from sandbox.github.writer import Entry

_MODES = ("100644", "100755", "120000")
routes = web.RouteTableDef()


def _writable(request: web.Request) -> Repository:
    repo = repository_of(request)
    proposals.check_writable(repo)
    return repo


@routes.post("/repos/{owner}/{name}/git/refs")
async def create_ref(request: web.Request) -> web.Response:
    repo, urls = _writable(request), urls_of(request)
    name, sha = needed(await body_of(request), "ref", "sha")
    if not is_full_id(str(sha)) or await repo.lookup.commit_id(sha) is None:
        raise Problem(422, "Object does not exist")
    await repo.writer.create_ref(str(name), sha)
    return web.json_response(views.ref(repo, urls, Ref(name, sha, "commit")), status=201)


@routes.patch("/repos/{owner}/{name}/git/refs/{ref:.+}")
async def move_ref(request: web.Request) -> web.Response:
    repo, urls = _writable(request), urls_of(request)
    body = await body_of(request)
    name = f"refs/{request.match_info['ref']}"
    ref, sha = await repo.lookup.ref(name), await commit_id(repo, str(*needed(body, "sha")))
    if ref is None:
        raise Problem(422, "Reference does not exist")
    if not body.get("force") and (await repo.reader.divergence(ref.sha, sha)).behind:
        raise Problem(422, "Update is not a fast forward")
    await repo.writer.move_ref(name, sha, ref.sha)
    return web.json_response(views.ref(repo, urls, Ref(name, sha, "commit")))


@routes.delete("/repos/{owner}/{name}/git/refs/{ref:.+}")
async def delete_ref(request: web.Request) -> web.Response:
    repo = _writable(request)
    name = f"refs/{request.match_info['ref']}"
    if await repo.lookup.ref(name) is None:
        raise Problem(422, "Reference does not exist")
    await repo.writer.delete_ref(name)
    return web.Response(status=204)


@routes.put("/repos/{owner}/{name}/contents/{path:.+}")
async def put_contents(request: web.Request) -> web.Response:
    repo, urls, path = _writable(request), urls_of(request), request.match_info["path"]
    body = await body_of(request)
    message, content = needed(body, "message", "content")
    branch = body.get("branch") or await repo.lookup.default_branch()
    tip = await commit_id(repo, f"refs/heads/{branch}")
    known = await repo.lookup.info(f"{tip}:{path}")
    if known is not None and not body.get("sha"):
        raise Problem(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    if known is not None and body["sha"] != known.sha:
        raise Problem(409, f"{path} does not match {body['sha']}")
    commit = await proposals.commit_on_branch(repo, branch, tip, message, {path: _decoded(content)})
    written = await repo.lookup.info(f"{commit.sha}:{path}")
    answer = {
        "content": {
            "type": "file",
            "name": path.rpartition("/")[2],
            "path": path,
            "sha": written and written.sha,
        },
        "commit": {**views.commit(repo, urls, commit)["commit"], "sha": commit.sha},
    }
    return web.json_response(answer, status=200 if known else 201)


def _decoded(content: Any) -> bytes:
    try:
        return base64.b64decode(str(content))
    except binascii.Error as error:
        raise Problem(422, "content is not valid Base64") from error


@routes.post("/repos/{owner}/{name}/git/blobs")
async def create_blob(request: web.Request) -> web.Response:
    repo, urls = _writable(request), urls_of(request)
    body = await body_of(request)
    (content,) = needed(body, "content")
    plain = body.get("encoding", "utf-8") != "base64"
    sha = await repo.writer.blob(str(content).encode() if plain else _decoded(content))
    return web.json_response({"sha": sha, "url": urls.rest(repo, "git", "blobs", sha)}, status=201)


@routes.post("/repos/{owner}/{name}/git/trees")
async def create_tree(request: web.Request) -> web.Response:
    repo, urls = _writable(request), urls_of(request)
    body = await body_of(request)
    (given,) = needed(body, "tree")
    base = await repo.lookup.info(f"{body['base_tree']}^{{tree}}") if body.get("base_tree") else None
    try:
        sha = await repo.writer.tree(base.sha if base else None, [await _entry(repo, item) for item in given])
    except GitFailed as error:
        raise Problem(422, f"tree cannot be written: {error}") from error
    return web.json_response(
        {"sha": sha, "url": urls.rest(repo, "git", "trees", sha), "tree": []}, status=201
    )


async def _entry(repo: Repository, item: dict[str, Any]) -> Entry:
    path, mode, sha = str(*needed(item, "path")), item.get("mode", "100644"), item.get("sha")
    if mode not in _MODES or (sha is not None and not is_full_id(str(sha))):
        raise BadName("tree.mode or tree.sha is not supported")
    if sha is None and "content" in item:
        sha = await repo.writer.blob(str(item["content"]).encode())
    return Entry(path, sha, mode)


@routes.post("/repos/{owner}/{name}/git/commits")
async def create_commit(request: web.Request) -> web.Response:
    repo, urls = _writable(request), urls_of(request)
    body = await body_of(request)
    message, tree = needed(body, "message", "tree")
    parents = [await commit_id(repo, str(parent)) for parent in body.get("parents") or ()]
    found = await repo.lookup.info(f"{tree}^{{tree}}")
    if found is None:
        raise Problem(422, "Tree SHA does not exist")
    sha = await repo.writer.commit(found.sha, parents, str(message))
    whole = views.commit(repo, urls, await repo.reader.commit(sha))
    return web.json_response({**whole["commit"], "sha": sha, "parents": whole["parents"]}, status=201)


@routes.post("/repos/{owner}/{name}/pulls")
async def create_pull(request: web.Request) -> web.Response:
    repo, urls = _writable(request), urls_of(request)
    body = await body_of(request)
    title, base, head = (str(value) for value in needed(body, "title", "base", "head"))
    draft, text = bool(body.get("draft")), str(body.get("body") or "")
    pull = await proposals.open_pull_request(repo, base, head, title, text, draft=draft)
    return web.json_response(await views.pull(repo, urls, pull), status=201)


@routes.post("/repos/{owner}/{name}/issues/{number}/labels")
async def add_labels(request: web.Request) -> web.Response:
    repo = _writable(request)
    # The SDK sends a bare list, which GitHub takes as well as {"labels": […]}.
    body = await json_of(request)
    (names,) = needed({"labels": body} if isinstance(body, list) else as_object(body), "labels")
    pull = proposals.with_labels(repo, await pull_of(repo, request), [str(name) for name in names])
    return web.json_response(views.labels(pull))


@routes.post("/repos/{owner}/{name}/pulls/{number}/requested_reviewers")
async def request_reviewers(request: web.Request) -> web.Response:
    repo, urls = _writable(request), urls_of(request)
    body = await body_of(request)
    teams = [str(slug) for slug in body.get("team_reviewers") or ()]
    logins = [
        str(login) for login in (body.get("reviewers") or () if teams else needed(body, "reviewers")[0])
    ]
    pull = proposals.with_reviewers(repo, await pull_of(repo, request), logins, teams)
    return web.json_response(await views.pull(repo, urls, pull), status=201)
