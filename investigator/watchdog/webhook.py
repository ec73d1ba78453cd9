"""Any address that takes JSON: the page as it is, signed."""

from __future__ import annotations

import hashlib
import hmac
import time

import aiohttp

from investigator.watchdog.alarms import Page
from investigator.watchdog.pager import json_bytes, post

SIGNATURE = "X-Pilot-Signature"


class PageWebhook:
    """`sent_at` (seconds since 1970) is inside what is signed, so that an old page cannot be played again."""

    name = "webhook"
    wakes = True

    def __init__(self, session: aiohttp.ClientSession, url: str, secret: str | None, source: str) -> None:
        self._session = session
        self._url = url
        self._secret = secret
        self._source = source

    async def tell(self, page: Page) -> None:
        body = json_bytes({**page.model_dump(), "source": self._source, "sent_at": int(time.time())})
        await post(self._session, "page webhook", self._url, body, self._signed(body))

    def _signed(self, body: bytes) -> dict[str, str]:
        if not self._secret:
            return {}
        digest = hmac.new(self._secret.encode(), body, hashlib.sha256).hexdigest()
        return {SIGNATURE: f"sha256={digest}"}
