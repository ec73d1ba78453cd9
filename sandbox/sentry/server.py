"""The sandbox Sentry as one object: a world, an application that shows it, and a sender of webhooks."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Mapping
from typing import Any

import aiohttp
from aiohttp import web

from sandbox.faults import Faults
from sandbox.sentry.api import Api, guard
from sandbox.sentry.webhooks import Sender
from sandbox.sentry.world import World

_WEBHOOK_TIMEOUT_SECONDS = 1.0


class SentrySandbox(World):
    """Run `app` with any aiohttp runner; add issues, events and releases before or while it runs.

    `faults` break the API on purpose. `requests` lists (method, path with query) in order of arrival.
    """

    def __init__(
        self,
        organization: str = "acme",
        token: str = "sandbox-sentry-token",
        client_secret: str = "sandbox-sentry-client-secret",
        web_url: str = "https://sentry.example",
    ) -> None:
        super().__init__(organization, web_url)
        self.token = token
        self.client_secret = client_secret
        self.sender = Sender(organization, web_url)
        self.faults = Faults()
        self.requests: list[tuple[str, str]] = []
        self.app = web.Application(middlewares=[self.faults.middleware, guard(token)])
        self.app.on_response_prepare.append(self._remember)
        self.app.add_routes(Api(self).routes())

    async def deliver(
        self,
        url: str,
        resource: str,
        body: Mapping[str, Any],
        *,
        session: aiohttp.ClientSession,
        idempotency_key: str | None = None,
    ) -> int:
        """Send one webhook as Sentry does: signed, not following redirects, waiting one second.

        Returns the status. Raises TimeoutError or aiohttp.ClientError where Sentry would note a failure;
        for an internal integration it would not try again.
        """
        raw = serialize(body)
        headers = self.headers(resource, raw, idempotency_key)
        timeout = aiohttp.ClientTimeout(total=_WEBHOOK_TIMEOUT_SECONDS)
        async with session.post(
            url, data=raw, headers=headers, timeout=timeout, allow_redirects=False
        ) as response:
            return response.status

    def headers(self, resource: str, raw: bytes, idempotency_key: str | None = None) -> dict[str, str]:
        """The headers of one attempt; a sender older than Idempotency-Key leaves that one out."""
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "sentry/26.3.0",
            "Request-ID": uuid.uuid4().hex,
            "Sentry-Hook-Resource": resource,
            "Sentry-Hook-Timestamp": str(int(time.time())),
            "Sentry-Hook-Signature": hmac.new(self.client_secret.encode(), raw, hashlib.sha256).hexdigest(),
        }
        return headers if idempotency_key is None else {**headers, "Idempotency-Key": idempotency_key}

    async def _remember(self, request: web.Request, _response: web.StreamResponse) -> None:
        self.requests.append((request.method, request.path_qs))


def serialize(body: Mapping[str, Any]) -> bytes:
    """The bytes Sentry signs and sends: no spaces, everything outside ASCII escaped."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()
