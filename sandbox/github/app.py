"""Puts the APIs and pages on one aiohttp application."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from sandbox.faults import Faults
from sandbox.github import pages
from sandbox.github.git import GitFailed
from sandbox.github.graphql_api import execution
from sandbox.github.host import RATE_LIMITED, Budget, Host
from sandbox.github.names import BadName
from sandbox.github.repository import Repository
from sandbox.github.rest import commits, hosted, trees, writes
from sandbox.github.rest.answers import HOST, Handler, Problem, body_of, problem, urls_of
from sandbox.github.writer import Rejected

_STATUS_OF_REJECTION = {"FORBIDDEN": 403, "STALE_DATA": 409}
_MAX_BODY = 64 * 1024 * 1024
_REST_ROUTES = (commits.routes, trees.routes, hosted.routes, writes.routes)


class GitHubSandbox:
    """A small GitHub. `repositories` are found by their own `full_name`; the keys are for the caller.

    With a `token` every API request must carry it, or a token minted for an App. `with_pages` adds the pages
    that links in answers lead to; they need no token. `requests` records what was asked, faults included.
    """

    def __init__(
        self, repositories: Mapping[str, Repository], *, token: str | None = None, with_pages: bool = True
    ) -> None:
        self.host = Host({repo.full_name.lower(): repo for repo in repositories.values()}, token)
        self.faults = Faults()
        self.requests: list[tuple[str, str]] = []
        middlewares = [self._record, self.faults.middleware, self._guard, self._account, _word_problems]
        self.app = web.Application(middlewares=middlewares, client_max_size=_MAX_BODY)
        self.app[HOST] = self.host
        for prefix in ("", "/api/v3"):
            for table in _REST_ROUTES:
                for route in table:
                    if isinstance(route, web.RouteDef):
                        self.app.router.add_route(route.method, prefix + route.path, route.handler)
        for path in ("/graphql", "/api/graphql"):
            self.app.router.add_post(path, _graphql)
        if with_pages:
            self.app.router.add_routes(pages.routes)

    @web.middleware
    async def _record(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.requests.append((request.method, request.path))
        return await handler(request)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        authorization = request.headers.get("Authorization", "")
        if request.path.endswith("/access_tokens") or request.match_info.handler is hosted.get_app:
            allowed = authorization.lower().startswith("bearer ")
        else:
            allowed = _is_page(request) or self.host.accepts(authorization)
        if not allowed:
            return problem(401, "Bad credentials" if authorization else "Requires authentication")
        return await handler(request)

    @web.middleware
    async def _account(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        graphql = request.path.endswith("/graphql")
        budget = self.host.graphql_budget if graphql else self.host.rest_budget
        if graphql or _is_page(request) or request.path.endswith("/rate_limit"):
            response = await handler(request)
        elif budget.remaining:
            budget.spend(1)
            response = await handler(request)
        else:
            response = problem(403, RATE_LIMITED)
        response.headers.update(_limits(budget, "graphql" if graphql else "core"))
        return response


def _limits(budget: Budget, resource: str) -> dict[str, str]:
    return {
        "x-ratelimit-limit": str(budget.limit),
        "x-ratelimit-remaining": str(budget.remaining),
        "x-ratelimit-used": str(budget.used),
        "x-ratelimit-reset": str(budget.reset),
        "x-ratelimit-resource": resource,
    }


def _is_page(request: web.Request) -> bool:
    return request.match_info.handler in pages.HANDLERS


@web.middleware
async def _word_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Problem as error:
        return problem(error.status, error.message)
    except Rejected as error:
        return problem(_STATUS_OF_REJECTION.get(error.kind, 422), str(error))
    except BadName as error:
        return problem(422, str(error))
    except GitFailed as error:
        return problem(500, f"The repository behind this host cannot be read: {error}")
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
        return problem(404, "Not Found")


async def _graphql(request: web.Request) -> web.Response:
    answer = await execution.run(request.app[HOST], urls_of(request), await body_of(request))
    return web.json_response(answer)
