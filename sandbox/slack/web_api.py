"""`/api/<method>`: authorization, scopes, rate limits and Slack's envelope around the methods."""

from __future__ import annotations

import json
import time
from collections import Counter, deque
from collections.abc import Mapping

from aiohttp import web

from sandbox.slack.methods import METHODS
from sandbox.slack.methods.call import Args, Call
from sandbox.slack.rate import RateBudget
from sandbox.slack.refusal import Json, Refused
from sandbox.slack.state import Workspace
from sandbox.slack.tickets import Tickets

CALLS_KEPT = 100_000
EVERY_SCOPE = frozenset(
    {
        *(method.scope for method in METHODS.values() if method.scope is not None),
        "app_mentions:read",
        "chat:write.public",
        "commands",
        "groups:history",
        "groups:read",
        "users:read.email",
        "metadata.message:read",
    }
)


class WebApi:
    """Answers the bot's calls and remembers them: `calls` as (method, monotonic seconds)."""

    def __init__(
        self,
        workspace: Workspace,
        tickets: Tickets,
        *,
        bot_token: str,
        scopes: frozenset[str],
        budget: RateBudget | None,
    ) -> None:
        self.calls: deque[tuple[str, float]] = deque(maxlen=CALLS_KEPT)
        self.call_counts: Counter[str] = Counter()
        self._workspace = workspace
        self._tickets = tickets
        self.bot_token = bot_token
        self._scopes = scopes
        self._budget = budget

    async def handle(self, request: web.Request) -> web.Response:
        """One call, by GET or POST, with a query, form or JSON body."""
        name = request.match_info["method"]
        self.calls.append((name, time.monotonic()))
        self.call_counts[name] += 1
        try:
            args = await _arguments(request)
            self._authorize(request, args)
            body = {"ok": True, **self._run(request, name, args)}
        except Refused as refused:
            return self._answer(refused.envelope(), retry_after=refused.retry_after)
        return self._answer(body)

    def _authorize(self, request: web.Request, args: Args) -> None:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or args.text("token")
        if not token:
            raise Refused("not_authed")
        if token != self.bot_token:
            raise Refused("invalid_auth")

    def _run(self, request: web.Request, name: str, args: Args) -> Json:
        method = METHODS.get(name)
        if method is None:
            raise Refused("unknown_method", details={"req_method": name})
        needs = method.scopes(args)
        if missing := [scope for scope in needs if scope not in self._scopes]:
            provided = ",".join(sorted(self._scopes))
            raise Refused("missing_scope", details={"needed": ",".join(missing), "provided": provided})
        if self._budget is not None and (seconds := self._budget.wait(name, args.text("channel"))):
            raise Refused("ratelimited", retry_after=seconds)
        origin = f"{request.scheme}://{request.host}"
        return method.handler(Call(self._workspace, self._tickets, self._scopes, origin, args))

    def _answer(self, body: Mapping[str, object], *, retry_after: int | None = None) -> web.Response:
        headers = {"X-OAuth-Scopes": ",".join(sorted(self._scopes))}
        if retry_after is not None:
            headers["Retry-After"] = str(retry_after)
        return web.json_response(body, status=429 if retry_after is not None else 200, headers=headers)


async def _arguments(request: web.Request) -> Args:
    values: dict[str, object] = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.text() or "{}")
        except json.JSONDecodeError as problem:
            raise Refused("invalid_json") from problem
        if not isinstance(body, dict):
            raise Refused("json_not_object")
        values |= body
    elif request.method == "POST":
        values |= dict(await request.post())
    return Args(values)
