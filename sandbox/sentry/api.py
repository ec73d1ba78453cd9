"""The endpoints of Sentry's API that the bot asks, over the sandbox's world."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Middleware

from sandbox.sentry.shapes import api_event
from sandbox.sentry.world import Json, Release, World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_STATUSES = ("resolved", "unresolved", "ignored", "resolvedInNextRelease")
_PAGE = 100
_RATE_LIMIT, _CONCURRENT_LIMIT = 40, 25


class Api:
    """Handlers for one organization."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        base = f"/api/0/organizations/{self._world.organization}"
        return [
            web.get("/api/0/", self.show_root),
            web.get(f"{base}/projects/", self.list_projects),
            web.get(f"{base}/sentry-apps/", self.list_apps),
            web.get(f"{base}/issues/", self.list_issues),
            web.get(f"{base}/issues/{{issue}}/", self.show_issue),
            web.put(f"{base}/issues/{{issue}}/", self.update_issue),
            web.get(f"{base}/issues/{{issue}}/events/{{which}}/", self.show_event),
            web.get(f"{base}/issues/{{issue}}/activities/", self.list_activities),
            web.get(f"{base}/shortids/{{short_id}}/", self.show_short_id),
            web.get(f"{base}/releases/{{version}}/", self.show_release),
            web.get(f"{base}/releases/{{version}}/deploys/", self.list_deploys),
            web.get(f"{base}/releases/{{version}}/commits/", self.list_commits),
        ]

    async def show_root(self, _request: web.Request) -> web.Response:
        return web.json_response({"version": "0", "auth": {"scopes": self._world.scopes}, "user": None})

    async def list_projects(self, request: web.Request) -> web.Response:
        return _page(request, list(self._world.projects.values()), request.query.get("per_page"))

    async def list_apps(self, request: web.Request) -> web.Response:
        if "org:read" not in self._world.scopes:
            return web.json_response(
                {"detail": "You do not have permission to perform this action."}, status=403
            )
        return _page(request, self._world.apps, None)

    async def list_issues(self, request: web.Request) -> web.Response:
        """Without `query`, unresolved issues only, as the real one does."""
        query = request.query
        wanted = query.get("query", "is:unresolved")
        issues = [issue for issue in self._world.issues.values() if _matches(issue, wanted, query)]
        by = "firstSeen" if query.get("sort") == "new" else "lastSeen"
        issues.sort(key=lambda issue: _moment(issue[by]), reverse=True)
        return _page(request, issues, query.get("limit"))

    async def show_issue(self, request: web.Request) -> web.Response:
        return web.json_response(self._issue(request))

    async def update_issue(self, request: web.Request) -> web.StreamResponse:
        if not {"event:write", "event:admin"} & set(self._world.scopes):
            return _refusal(403, "You do not have permission to perform this action.")
        issue, change = self._issue(request), await request.json()
        status = change.get("status", issue["status"])
        if status not in _STATUSES:
            return web.json_response({"status": [f'"{status}" is not a valid choice.']}, status=400)
        if status == "resolvedInNextRelease":
            change = {**change, "status": "resolved", "statusDetails": {"inNextRelease": True}}
        allowed = ("status", "statusDetails", "substatus", "assignedTo", "priority")
        issue.update({key: value for key, value in change.items() if key in allowed})
        return web.json_response(issue)

    async def show_event(self, request: web.Request) -> web.Response:
        issue, which = self._issue(request), request.match_info["which"]
        events = self._world.events.get(issue["id"], [])
        named = {"latest": events[-1:], "recommended": events[-1:], "oldest": events[:1]}
        of_id = [event for event in events if which in (event.get("event_id"), event.get("eventID"))]
        found = named.get(which, of_id)
        if not found:
            raise _missing()
        return web.json_response(api_event(found[0], issue["id"]))

    async def list_activities(self, request: web.Request) -> web.Response:
        return web.json_response({"activity": self._world.activities.get(self._issue(request)["id"], [])})

    async def show_short_id(self, request: web.Request) -> web.Response:
        short_id = request.match_info["short_id"].upper()
        issue = next((row for row in self._world.issues.values() if row["shortId"] == short_id), None)
        if issue is None:
            raise _missing()
        answer = {
            "organizationSlug": self._world.organization,
            "projectSlug": issue["project"]["slug"],
            "groupId": issue["id"],
            "group": issue,
            "shortId": short_id,
        }
        return web.json_response(answer)

    async def show_release(self, request: web.Request) -> web.Response:
        return web.json_response(self._release(request).data)

    async def list_deploys(self, request: web.Request) -> web.Response:
        return _page(request, self._release(request).deploys, request.query.get("per_page"))

    async def list_commits(self, request: web.Request) -> web.Response:
        return _page(request, self._release(request).commits, request.query.get("per_page"))

    def _issue(self, request: web.Request) -> Json:
        issue = self._world.issues.get(request.match_info["issue"])
        if issue is None:
            raise _missing()
        return issue

    def _release(self, request: web.Request) -> Release:
        release = self._world.releases.get(request.match_info["version"])
        if release is None:
            raise _missing()
        return release


def guard(token: str) -> Middleware:
    """Middleware: the token is checked, every answer carries rate limit headers, a 404 is Sentry's JSON."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization")
        if given is None:
            response = _refusal(401, "Authentication credentials were not provided.")
        elif given != f"Bearer {token}":
            response = _refusal(401, "Invalid token")
        else:
            response = await _answer(request, handler)
        response.headers.update(_rate_limit_headers())
        return response

    return check


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPNotFound:
        return _refusal(404, "The requested resource does not exist")


def _refusal(status: int, detail: str) -> web.StreamResponse:
    return web.json_response({"detail": detail}, status=status)


def _missing() -> web.HTTPNotFound:
    return web.HTTPNotFound()


def _rate_limit_headers() -> dict[str, str]:
    return {
        "X-Sentry-Rate-Limit-Limit": str(_RATE_LIMIT),
        "X-Sentry-Rate-Limit-Remaining": str(_RATE_LIMIT - 1),
        "X-Sentry-Rate-Limit-Reset": str(int(time.time()) + 1),
        "X-Sentry-Rate-Limit-ConcurrentLimit": str(_CONCURRENT_LIMIT),
        "X-Sentry-Rate-Limit-ConcurrentRemaining": str(_CONCURRENT_LIMIT - 1),
    }


def _matches(issue: Json, wanted: str, query: Any) -> bool:
    statuses = [term.removeprefix("is:") for term in wanted.split() if term.startswith("is:")]
    start, end = query.get("start"), query.get("end")
    return (
        all(issue["status"] == status for status in statuses)
        and (start is None or _moment(issue["lastSeen"]) >= _moment(start))
        and (end is None or _moment(issue["firstSeen"]) <= _moment(end))
    )


def _moment(value: str) -> datetime:
    at = datetime.fromisoformat(value)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _page(request: web.Request, rows: list[Json], limit: str | None) -> web.Response:
    """One page, with both links always there; a cursor is `0:<offset>:<is previous>`."""
    size = min(int(limit or _PAGE), _PAGE)
    offset = int(request.query.get("cursor", "0:0:0").split(":")[1])
    links = (
        ("previous", offset > 0, f"0:{max(0, offset - size)}:1"),
        ("next", offset + size < len(rows), f"0:{offset + size}:0"),
    )
    header = ", ".join(
        f'<{request.url.update_query(cursor=cursor)}>; rel="{rel}"; '
        f'results="{"true" if results else "false"}"; cursor="{cursor}"'
        for rel, results, cursor in links
    )
    return web.json_response(rows[offset : offset + size], headers={"Link": header})
