"""Who may look at what is not signed: `/metrics` and `/status`, behind PILOT_METRICS_TOKEN when it is set."""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_REFUSED = {"WWW-Authenticate": 'Basic realm="IncidentPilot", charset="UTF-8"'}


def guarded(handler: Handler, tokens: Sequence[str]) -> Handler:
    """`handler` for those who show one of `tokens`, as bearer or anybody's password; without any, for all."""

    async def only_known(request: web.Request) -> web.StreamResponse:
        shown = shown_secret(request.headers.get("Authorization", ""))
        if tokens and not _fits(shown, tokens):
            return web.json_response(
                {"error": "show PILOT_METRICS_TOKEN as a bearer token, or as the password of any user"},
                status=401,
                headers=_REFUSED,
            )
        return await handler(request)

    return only_known


def _fits(shown: str | None, tokens: Sequence[str]) -> bool:
    """Every token is tried, so that the time taken does not tell which one fits."""
    matches = [hmac.compare_digest(_bytes(shown or ""), _bytes(token)) for token in tokens]
    return shown is not None and any(matches)


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
