"""Repositories, contents, trees, blobs, branches, tags and references."""

from __future__ import annotations

import base64
from typing import Any

from aiohttp import web

from sandbox.github.host import Urls
from sandbox.github.names import BadName, clean_path
from sandbox.github.repository import Repository
from sandbox.github.rest import views
from sandbox.github.rest.answers import commit_id, listing, not_found, repository_of, urls_of
from sandbox.github.values import ObjectInfo, Ref, TreeEntry

_MAX_ENTRIES = 100_000
_INLINE_BYTES = 1_000_000
_CONTENT_TYPES = {"blob": "file", "tree": "dir", "commit": "submodule"}
routes = web.RouteTableDef()


@routes.get("/repos/{owner}/{name}")
async def get_repository(request: web.Request) -> web.Response:
    return web.json_response(await views.repository(repository_of(request), urls_of(request)))


@routes.get("/repos/{owner}/{name}/contents{path:/.*|}")
async def get_contents(request: web.Request) -> web.Response:
    repo, urls = repository_of(request), urls_of(request)
    path = clean_path(request.match_info["path"].removeprefix("/"))
    sha = await commit_id(repo, request.query.get("ref") or "HEAD")
    found = await repo.lookup.info(f"{sha}:{path}")
    if found is None:
        raise not_found()
    if found.kind == "tree":
        entries = await repo.reader.tree(found.sha)
        return web.json_response([_content(repo, urls, sha, path, entry) for entry in entries])
    entry = TreeEntry("100644", "blob", found.sha, found.size, path)
    body = _content(repo, urls, sha, "", entry)
    small = found.size <= _INLINE_BYTES
    content = base64.encodebytes(await repo.reader.blob(found.sha)).decode() if small else ""
    return web.json_response({**body, "encoding": "base64" if small else "none", "content": content})


def _content(repo: Repository, urls: Urls, sha: str, folder: str, entry: TreeEntry) -> dict[str, Any]:
    path = f"{folder}/{entry.path}" if folder else entry.path
    kind = _CONTENT_TYPES[entry.kind]
    address = f"{urls.rest(repo, 'contents', path)}?ref={sha}"
    page = urls.page(repo, entry.kind, sha, path)
    return {
        "type": kind,
        "name": entry.name,
        "path": path,
        "sha": entry.sha,
        "size": entry.size or 0,
        "url": address,
        "html_url": page,
        "git_url": urls.rest(repo, "git", f"{entry.kind}s", entry.sha),
        "download_url": None,
        "_links": {"self": address, "git": None, "html": page},
    }


@routes.get("/repos/{owner}/{name}/git/trees/{sha:.+}")
async def get_tree(request: web.Request) -> web.Response:
    repo, urls = repository_of(request), urls_of(request)
    found = await _info(repo, f"{request.match_info['sha']}^{{tree}}")
    entries = await repo.reader.tree(found.sha, recursive="recursive" in request.query)
    return web.json_response(
        {
            "sha": found.sha,
            "url": urls.rest(repo, "git", "trees", found.sha),
            "truncated": len(entries) > _MAX_ENTRIES,
            "tree": [_tree_entry(repo, urls, entry) for entry in entries[:_MAX_ENTRIES]],
        }
    )


def _tree_entry(repo: Repository, urls: Urls, entry: TreeEntry) -> dict[str, Any]:
    size = {"size": entry.size} if entry.size is not None else {}
    url = urls.rest(repo, "git", f"{entry.kind}s", entry.sha)
    return {"path": entry.path, "mode": entry.mode, "type": entry.kind, "sha": entry.sha, "url": url, **size}


async def _info(repo: Repository, expression: str) -> ObjectInfo:
    try:
        found = await repo.lookup.info(expression)
    except BadName as error:
        raise not_found() from error
    if found is None:
        raise not_found()
    return found


@routes.get("/repos/{owner}/{name}/git/blobs/{sha}")
async def get_blob(request: web.Request) -> web.Response:
    repo, urls = repository_of(request), urls_of(request)
    found = await _info(repo, request.match_info["sha"])
    if found.kind != "blob":
        raise not_found()
    content = base64.encodebytes(await repo.reader.blob(found.sha)).decode()
    url = urls.rest(repo, "git", "blobs", found.sha)
    return web.json_response(
        {"sha": found.sha, "size": found.size, "encoding": "base64", "content": content, "url": url}
    )


@routes.get("/repos/{owner}/{name}/git/commits/{sha}")
async def get_git_commit(request: web.Request) -> web.Response:
    repo, urls = repository_of(request), urls_of(request)
    commit = await repo.reader.commit(await commit_id(repo, request.match_info["sha"]))
    whole = views.commit(repo, urls, commit)
    return web.json_response({**whole["commit"], "sha": commit.sha, "parents": whole["parents"]})


@routes.get("/repos/{owner}/{name}/git/ref/{ref:.+}")
@routes.get("/repos/{owner}/{name}/git/refs/{ref:.+}")
async def get_ref(request: web.Request) -> web.Response:
    repo, urls = repository_of(request), urls_of(request)
    return web.json_response(views.ref(repo, urls, await _ref(repo, f"refs/{request.match_info['ref']}")))


async def _ref(repo: Repository, name: str) -> Ref:
    try:
        found = await repo.lookup.ref(name)
    except BadName as error:
        raise not_found() from error
    if found is None:
        raise not_found()
    return found


@routes.get("/repos/{owner}/{name}/branches/{branch:.+}")
async def get_branch(request: web.Request) -> web.Response:
    repo, urls = repository_of(request), urls_of(request)
    found = await _ref(repo, f"refs/heads/{request.match_info['branch']}")
    commit = views.commit(repo, urls, await repo.reader.commit(found.sha))
    return web.json_response({"name": found.short, "protected": False, "commit": commit})


@routes.get("/repos/{owner}/{name}/branches")
async def list_branches(request: web.Request) -> web.Response:
    repo, urls = repository_of(request), urls_of(request)
    return listing(request, [_named(repo, urls, ref) for ref in await repo.lookup.refs("refs/heads/", 5000)])


@routes.get("/repos/{owner}/{name}/tags")
async def list_tags(request: web.Request) -> web.Response:
    repo, urls = repository_of(request), urls_of(request)
    found = await repo.lookup.refs("refs/tags/", 5000, sort="-creatordate")
    infos = [await repo.lookup.commit_id(ref.name) for ref in found]
    pointed = [Ref(ref.name, sha, "commit") for ref, sha in zip(found, infos, strict=True) if sha]
    return listing(request, [_named(repo, urls, ref) for ref in pointed])


def _named(repo: Repository, urls: Urls, ref: Ref) -> dict[str, Any]:
    return {"name": ref.short, "commit": {"sha": ref.sha, "url": urls.rest(repo, "commits", ref.sha)}}
