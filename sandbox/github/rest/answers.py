"""Errors, pagination and identity shared by all REST handlers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from aiohttp import web
from yarl import URL

from sandbox.github.host import Host, Urls
from sandbox.github.names import BadName
from sandbox.github.repository import Repository

DOCUMENTATION = "https://docs.github.com/rest"
HOST = web.AppKey("host", Host)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def problem(status: int, message: str, **more: Any) -> web.Response:
    """GitHub's JSON body for an error."""
    body = {"message": message, "documentation_url": DOCUMENTATION, "status": str(status), **more}
    return web.json_response(body, status=status)


class Problem(Exception):
    """Raised inside a handler, answered as GitHub answers."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def not_found() -> Problem:
    return Problem(404, "Not Found")


def urls_of(request: web.Request) -> Urls:
    web_base = f"{request.scheme}://{request.host}"
    prefix = "/api/v3" if request.path.startswith("/api/v3/") else ""
    return Urls(web_base, web_base + prefix)


def repository_of(request: web.Request) -> Repository:
    """The repository a path names. Raises Problem 404."""
    names = request.match_info
    repo = request.app[HOST].repository(names["owner"], names["name"])
    if repo is None:
        raise not_found()
    return repo


async def commit_id(repo: Repository, revision: str) -> str:
    """Full id of the commit a revision names. Raises Problem 404."""
    try:
        found = await repo.lookup.commit_id(revision)
    except BadName as error:
        raise not_found() from error
    if found is None:
        raise not_found()
    return found


async def body_of(request: web.Request) -> dict[str, Any]:
    """The JSON object of a request. Raises Problem 400."""
    return as_object(await json_of(request))


async def json_of(request: web.Request) -> Any:
    """The JSON value of a request, None when it is none."""
    try:
        return await request.json()
    except ValueError:
        return None


def as_object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise Problem(400, "Problems parsing JSON")
    return body


def needed(body: Mapping[str, Any], *names: str) -> list[Any]:
    """Values of required keys. Raises Problem 422 naming the first that is missing."""
    for name in names:
        if not body.get(name):
            raise Problem(422, f'Invalid request.\n\n"{name}" wasn\'t supplied.')
    return [body[name] for name in names]


def page_of(request: web.Request, *, default: int = 30, maximum: int = 100) -> tuple[int, int]:
    """(page, per_page) of a request, within GitHub's bounds."""
    return _number(request, "page", 1), min(maximum, _number(request, "per_page", default))


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    return max(1, int(text)) if text.isdecimal() and len(text) < 10 else default


def listing(request: web.Request, items: Sequence[Any]) -> web.Response:
    """One page of `items` with the Link header of a paginated list."""
    page, per_page = page_of(request)
    shown = items[(page - 1) * per_page : page * per_page]
    pages = max(1, -(-len(items) // per_page))
    return web.json_response(list(shown), headers=links(request, page, page < pages, pages))


def links(request: web.Request, page: int, more: bool, last: int | None = None) -> dict[str, str]:
    """The Link header; `last` is left out where counting would mean walking the whole history."""
    base = URL(f"{request.scheme}://{request.host}").join(request.rel_url)
    found: dict[str, int] = {}
    if page > 1:
        found |= {"prev": page - 1, "first": 1}
    if more:
        found["next"] = page + 1
        if last is not None:
            found["last"] = last
    text = ", ".join(f'<{base.update_query(page=number)}>; rel="{rel}"' for rel, number in found.items())
    return {"Link": text} if text else {}
