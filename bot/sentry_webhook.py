"""`POST /sentry/webhook`: verify, append, answer. Everything else happens behind the inbox."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import orjson
import structlog
from aiohttp import web

from bot.admission import Admission
from bot.delivery_lines import DeliveryLines, identifier
from bot.request_body import BodyReader, BodyRefused
from investigator.delivery import TRACE, Delivery
from investigator.errors import BadPayload
from investigator.inbox import Inbox, InboxFull
from investigator.metrics import WEBHOOK_ACK_SECONDS, WEBHOOK_DELIVERIES
from investigator.sentry.body import read_object
from investigator.sentry.signature import verify
from investigator.spool import SpoolUnavailable
from investigator.tracing import span, traceparent

RETRY_AFTER_SECONDS = "5"
SIGNATURES = ("Sentry-Hook-Signature", "Sentry-App-Signature")  # of webhooks, of UI components
KEPT_HEADERS = (
    "content-type",
    "request-id",
    "idempotency-key",
    "sentry-hook-resource",
    "sentry-hook-timestamp",
    "user-agent",
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Answer:
    """`outcome` is a label of the metric and a key of the log line."""

    status: int
    outcome: str
    error: str = ""


OVERLOAD = _Answer(503, "overload", "more arrives than can be answered in time: send it again later")
counter_of = cache(WEBHOOK_DELIVERIES.labels)
_OVERLOADED = counter_of(OVERLOAD.outcome)
_OVERLOAD_BODY = orjson.dumps({"error": OVERLOAD.error})
_JSON = {"Content-Type": "application/json"}
_OVERLOAD_HEADERS = {**_JSON, "Retry-After": RETRY_AFTER_SECONDS}
_ACCEPTED_BODY = b'{"status":"accepted"}'


def _now() -> datetime:
    return datetime.now(UTC)


class SentryWebhook:
    """`secrets` are the client secrets of all integrations that may send here, old and new while one rotates.

    `legacy_plugin` lets unsigned bodies of the old WebHooks plugin in: anybody can send those.
    """

    def __init__(
        self,
        secrets: Sequence[str],
        inbox: Inbox,
        *,
        legacy_plugin: bool = False,
        reader: BodyReader | None = None,
        admission: Admission | None = None,
        lines: DeliveryLines | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._secrets = secrets
        self._inbox = inbox
        self._legacy_plugin = legacy_plugin
        self._reader = reader or BodyReader()
        self._admission = admission or Admission()
        self._clock = clock
        self._lines = lines or DeliveryLines()

    def add_to(self, app: web.Application) -> None:
        app.on_cleanup.append(self._write_lines)
        app.router.add_post("/sentry/webhook", self.handle)

    async def handle(self, request: web.Request) -> web.Response:
        if self._admission.is_full:  # saying no must cost next to nothing, or nothing else gets done
            _OVERLOADED.inc()
            return web.Response(status=OVERLOAD.status, body=_OVERLOAD_BODY, headers=_OVERLOAD_HEADERS)
        started = time.monotonic()
        delivery = identifier(request.headers.get("Idempotency-Key"))
        with span("webhook", delivery=delivery):
            answer = await self._answer(request)
        seconds = time.monotonic() - started
        counter_of(answer.outcome).inc()
        WEBHOOK_ACK_SECONDS.observe(seconds)
        if answer is OVERLOAD:  # counted; a line for each would cost as much as the work it saves
            return _response(answer)
        self._lines.add(answer.outcome, answer.error, delivery, request.headers.get("Request-ID"), seconds)
        return _response(answer)

    async def _write_lines(self, _app: web.Application) -> None:
        self._lines.write()

    async def _answer(self, request: web.Request) -> _Answer:
        try:
            body = await self._reader.read(request)
        except BodyRefused as refused:
            return _Answer(refused.status, refused.outcome, str(refused))
        whole = time.monotonic()
        if not await self._admission.turn():
            return OVERLOAD
        if refusal := self._refusal(request, body):
            return refusal
        try:
            delivery = Delivery(body, _kept_here(request), self._clock())
            outcome = await self._inbox.append(delivery, waited=time.monotonic() - whole)
        except InboxFull as error:
            return _Answer(503, "overload", str(error))
        except SpoolUnavailable as error:
            log.warning("delivery_not_durable", reason=str(error))
            return _Answer(503, "not_durable", "neither store nor disk could keep it: send it again later")
        return _Answer(200, outcome)

    def _refusal(self, request: web.Request, body: bytes) -> _Answer | None:
        signature = next((request.headers[name] for name in SIGNATURES if name in request.headers), None)
        signed = verify(body, signature, self._secrets)
        if not signed and (signature or not self._legacy_plugin):
            return _unsigned(signature)
        try:
            document = read_object(body)
        except BadPayload as error:
            return _Answer(400, "bad_body", f"{error}: send what Sentry sent, unchanged")
        return None if signed or is_legacy_plugin(document) else _unsigned(None)


def _unsigned(signature: str | None) -> _Answer:
    if signature is None:
        what = "no Sentry-Hook-Signature header: send it from a Sentry integration, not from a plugin"
        return _Answer(401, "unsigned", what)
    what = "the signature fits no secret: set SENTRY_CLIENT_SECRET to the integration's client secret"
    return _Answer(401, "bad_signature", what)


def _kept_here(request: web.Request) -> dict[str, str]:
    headers = kept(request.headers)
    if trace := traceparent():
        headers[TRACE] = trace
    return headers


def kept(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers worth keeping, lower-case, as text that can be encoded; never signatures or cookies."""
    return {name: _text(headers[name]) for name in KEPT_HEADERS if name in headers}


def _text(header: str) -> str:
    """Bytes that were no UTF-8 arrive as lone surrogates, which no encoder takes."""
    return header.encode("utf-8", "replace").decode()


def is_legacy_plugin(document: Mapping[str, object]) -> bool:
    """The flat body of the old WebHooks plugin, which nothing of an integration resembles."""
    return (
        isinstance(document.get("event"), dict)
        and isinstance(document.get("project"), str)
        and isinstance(document.get("url"), str)
        and not {"action", "data", "installation"} & document.keys()
    )


def _response(answer: _Answer) -> web.Response:
    if answer.status == 200:
        return web.Response(body=_ACCEPTED_BODY, headers=_JSON)
    response = web.Response(
        status=answer.status, body=orjson.dumps({"error": answer.error}), content_type="application/json"
    )
    if answer.status == 503:
        response.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return response
