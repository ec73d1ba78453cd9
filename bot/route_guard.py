"""Who may look at what is not signed: `/metrics` and `/status`, behind PILOT_METRICS_TOKEN when it is set."""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode
from collections.abc import Awaitable, Callable

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_REFUSED = {"WWW-Authenticate": 'Basic realm="IncidentPilot", charset="UTF-8"'}


def guarded(handler: Handler, token: str | None) -> Handler:
    """`handler` for those who show `token`, as bearer or as anybody's password; without one, for all."""
    if not token:
        return handler

    async def only_known(request: web.Request) -> web.StreamResponse:
        shown = shown_secret(request.headers.get("Authorization", ""))
        if shown is None or not hmac.compare_digest(_bytes(shown), _bytes(token)):
            return web.json_response(
                {"error": "show PILOT_METRICS_TOKEN as a bearer token, or as the password of any user"},
                status=401,
                headers=_REFUSED,
            )
        return await handler(request)

    return only_known


def shown_secret(authorization: str) -> str | None:
    """The token of a bearer header, the password of a basic one. Pure."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return None
    try:
        return b64decode(value.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return None


def _bytes(text: str) -> bytes:
    """Headers that were no UTF-8 arrive as lone surrogates."""
    return text.encode("utf-8", "surrogateescape")
