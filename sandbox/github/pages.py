"""Plain pages behind the links in answers: people click them, so they need no token."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from aiohttp import web

from sandbox.github import pulls
from sandbox.github.host import Urls
from sandbox.github.names import BadName, clean_path
from sandbox.github.repository import Repository
from sandbox.github.rest.answers import commit_id, not_found, repository_of, urls_of
from sandbox.github.values import Commit, FileDiff, Selection

_LISTED = 100
routes = web.RouteTableDef()
_STYLE = (
    "body{font:15px sans-serif;max-width:70em;margin:2em auto;padding:0 1em}"
    "pre{background:#f6f8fa;padding:1em;overflow:auto}"
)


def _page(title: str, *parts: str) -> web.Response:
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
    body = f"<style>{_STYLE}</style><h1>{escape(title)}</h1>{''.join(parts)}"
    return web.Response(text=head + body, content_type="text/html")


def _file(file: FileDiff) -> str:
    hunks = f"<pre>{escape(file.patch)}</pre>" if file.patch else "<p>No text to show.</p>"
    counts = f"+{file.additions or 0} −{file.deletions or 0}"
    return f"<h2><code>{escape(file.path)}</code> {counts}</h2>{hunks}"


def _list(repo: Repository, urls: Urls, commits: Sequence[Commit]) -> str:
    items = (
        f'<li><a href="{escape(urls.page(repo, "commit", commit.sha))}">{escape(commit.headline)}</a></li>'
        for commit in commits
    )
    return f"<ul>{''.join(items)}</ul>"


@routes.get("/{owner}/{name}/commit/{sha}")
async def commit_page(request: web.Request) -> web.Response:
    repo = repository_of(request)
    sha = await commit_id(repo, request.match_info["sha"])
    commit, files = await repo.reader.commit(sha), await repo.differences.patches_of(sha)
    who = f"<p>{escape(commit.author.name)}, {commit.author.at:%Y-%m-%d %H:%M} · <code>{sha}</code></p>"
    return _page(commit.headline, who, f"<pre>{escape(commit.body)}</pre>", *map(_file, files))


@routes.get("/{owner}/{name}/blob/{sha}/{path:.+}")
async def blob_page(request: web.Request) -> web.Response:
    repo = repository_of(request)
    sha = await commit_id(repo, request.match_info["sha"])
    try:
        path = clean_path(request.match_info["path"])
    except BadName as error:
        raise not_found() from error
    info = await repo.lookup.info(f"{sha}:{path}")
    if info is None or info.kind != "blob":
        raise not_found()
    text = (await repo.reader.blob(info.sha)).decode(errors="replace")
    lines = (f'<span id="L{n}">{n:>5}  {escape(line)}</span>' for n, line in enumerate(text.split("\n"), 1))
    return _page(path, "<pre>", "\n".join(lines), "</pre>")


@routes.get("/{owner}/{name}/pull/{number:\\d{1,9}}")
async def pull_page(request: web.Request) -> web.Response:
    repo, urls = repository_of(request), urls_of(request)
    pull = await pulls.find(repo, int(request.match_info["number"]))
    if pull is None:
        raise not_found()
    state = "draft" if pull.draft and pull.state == "open" else pull.state
    commits = _list(repo, urls, await pulls.commits(repo, pull))
    files = await pulls.patches(repo, pull)
    branches = f"{pulls.head_branch(pull)} → {await pulls.base_branch(repo, pull)}"
    facts = f"<p>{escape(state)} · {escape(branches)}</p>"
    body = f"<pre>{escape(pull.body)}</pre>{commits}"
    return _page(f"#{pull.number} {pull.title}", facts, body, *map(_file, files))


@routes.get("/{owner}/{name}/compare/{base}...{head}")
async def compare_page(request: web.Request) -> web.Response:
    repo, urls, names = repository_of(request), urls_of(request), request.match_info
    base, head = await commit_id(repo, names["base"]), await commit_id(repo, names["head"])
    start = (await repo.reader.divergence(base, head)).merge_base
    commits = await repo.reader.log(Selection(head, exclude=base), limit=_LISTED)
    files = await repo.differences.patches(start, head) if start else ()
    return _page(f"{names['base']}...{names['head']}", _list(repo, urls, commits), *map(_file, files))


@routes.get("/{owner}/{name}/releases/tag/{tag}")
async def release_page(request: web.Request) -> web.Response:
    repo, tag = repository_of(request), request.match_info["tag"]
    sha = await commit_id(repo, f"refs/tags/{tag}")
    raise web.HTTPFound(urls_of(request).page(repo, "commit", sha))


@routes.get("/{owner}/{name}")
async def repository_page(request: web.Request) -> web.Response:
    repo, urls = repository_of(request), urls_of(request)
    commits = await repo.reader.log(Selection(await commit_id(repo, "HEAD")), limit=_LISTED)
    return _page(repo.full_name, _list(repo, urls, commits))


HANDLERS = (commit_page, blob_page, pull_page, compare_page, release_page, repository_page)
