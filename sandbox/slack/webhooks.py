"""`response_url`: where the bot answers an interaction without a token."""

from __future__ import annotations

import json

from aiohttp import web

from sandbox.slack.refusal import Refused
from sandbox.slack.responses import answer
from sandbox.slack.state import Workspace
from sandbox.slack.tickets import Tickets

GONE = frozenset({"no_such_url", "expired_url", "used_url"})


def add_response_route(app: web.Application, workspace: Workspace, tickets: Tickets) -> None:
    """POST /response/{key} takes JSON and says `ok`; a used or expired address is 404."""

    async def respond(request: web.Request) -> web.Response:
        try:
            ticket = tickets.redeem_response(request.match_info["key"])
            answer(workspace, ticket, _object(await request.text()))
        except Refused as refused:
            return web.json_response(refused.envelope(), status=404 if refused.error in GONE else 400)
        return web.Response(text="ok")

    app.router.add_post("/response/{key}", respond)


def _object(text: str) -> dict[str, object]:
    try:
        body = json.loads(text)
    except json.JSONDecodeError as problem:
        raise Refused("invalid_payload") from problem
    if not isinstance(body, dict):
        raise Refused("invalid_payload")
    return body
