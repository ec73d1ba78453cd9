"""One server for all of them, with the rules by which they refuse, and the alerts that are open in each."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox.faults import Faults

Json = dict[str, Any]

_SEVERITIES = {"critical", "error", "warning", "info"}
_PRIORITIES = {"P1", "P2", "P3", "P4", "P5"}
SUMMARY_LIMIT, KEY_LIMIT = 1024, 255
MESSAGE_LIMIT, ALIAS_LIMIT = 130, 512


@dataclass(slots=True)
class PagersSandbox:
    """Run `app`. `incidents` and `alerts` are what is open, by key; `told` all that the webhook took.

    `beats` counts what came to `/heartbeat`; `requests` are the paths in order of arrival, refused ones too.
    """

    routing_key: str = "0123456789abcdef0123456789abcdef"
    api_key: str = "11112222-3333-4444-5555-666677778888"
    secret: str = "webhook-secret"
    incidents: dict[str, Json] = field(default_factory=dict)
    alerts: dict[str, Json] = field(default_factory=dict)
    told: list[Json] = field(default_factory=list)
    beats: int = 0
    requests: list[str] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)

    @property
    def app(self) -> web.Application:
        app = web.Application(middlewares=[self.faults.middleware])
        app.on_response_prepare.append(self._remember)
        app.router.add_post("/v2/enqueue", self._enqueue)
        app.router.add_post("/v2/alerts", self._create)
        app.router.add_post("/v2/alerts/{alias}/close", self._close)
        app.router.add_post("/page", self._page)
        app.router.add_get("/heartbeat", self._beat)
        return app

    async def _remember(self, request: web.Request, _response: web.StreamResponse) -> None:
        self.requests.append(request.path)

    async def _enqueue(self, request: web.Request) -> web.Response:
        event = await _json(request)
        errors = _wrong_event(event)
        if event.get("routing_key") != self.routing_key:
            errors.append("Invalid routing key")
        if errors:
            body = {"status": "invalid event", "message": "Event object is invalid", "errors": errors}
            return web.json_response(body, status=400)
        key = event.get("dedup_key") or uuid.uuid4().hex
        if event["event_action"] == "resolve":
            self.incidents.pop(key, None)
        elif event["event_action"] == "trigger":
            known = self.incidents.setdefault(key, {**event["payload"], "triggers": 0})
            known["triggers"] += 1
        answer = {"status": "success", "message": "Event processed", "dedup_key": key}
        return web.json_response(answer, status=202)

    async def _create(self, request: web.Request) -> web.Response:
        if refusal := self._without_key(request):
            return refusal
        alert = await _json(request)
        message, alias = alert.get("message"), alert.get("alias", "")
        if not isinstance(message, str) or not 0 < len(message) <= MESSAGE_LIMIT or len(alias) > ALIAS_LIMIT:
            return web.json_response({"message": "Request body is not processable."}, status=422)
        if alert.get("priority", "P3") not in _PRIORITIES:
            return web.json_response({"message": "Request body is not processable."}, status=422)
        known = self.alerts.setdefault(alias or uuid.uuid4().hex, {**alert, "count": 0})
        known["count"] += 1
        return _accepted()

    async def _close(self, request: web.Request) -> web.Response:
        if refusal := self._without_key(request):
            return refusal
        if request.query.get("identifierType") != "alias":
            return web.json_response({"message": "Identifier type is not valid."}, status=422)
        self.alerts.pop(request.match_info["alias"], None)
        return _accepted()

    def _without_key(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") == f"GenieKey {self.api_key}":
            return None
        return web.json_response({"message": "Could not authenticate"}, status=401)

    async def _page(self, request: web.Request) -> web.Response:
        body = await request.read()
        digest = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        if request.headers.get("X-Pilot-Signature") != f"sha256={digest}":
            return web.json_response({"error": "signature"}, status=401)
        self.told.append(json.loads(body))
        return web.Response(status=204)

    async def _beat(self, _request: web.Request) -> web.Response:
        self.beats += 1
        return web.Response(text="OK")


async def _json(request: web.Request) -> Json:
    try:
        body = await request.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _wrong_event(event: Mapping[str, Any]) -> list[str]:
    action, payload = event.get("event_action"), event.get("payload")
    if action not in {"trigger", "acknowledge", "resolve"}:
        return ["'event_action' is missing or not one of trigger, acknowledge, resolve"]
    errors = []
    if len(event.get("dedup_key") or "") > KEY_LIMIT:
        errors.append("'dedup_key' is too long")
    if action != "trigger":
        return errors if event.get("dedup_key") else [*errors, "'dedup_key' is missing or blank"]
    if not isinstance(payload, dict):
        return [*errors, "'payload' is missing or blank"]
    summary = payload.get("summary")
    if not isinstance(summary, str) or not 0 < len(summary) <= SUMMARY_LIMIT:
        errors.append("'payload.summary' is missing or blank")
    if not payload.get("source"):
        errors.append("'payload.source' is missing or blank")
    if payload.get("severity") not in _SEVERITIES:
        errors.append("'payload.severity' is invalid (must be one of critical, error, warning, info)")
    return errors


def _accepted() -> web.Response:
    body = {"result": "Request will be processed", "took": 0.1, "requestId": uuid.uuid4().hex}
    return web.json_response(body, status=202)
