"""Signed requests from Slack to the bot."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp

from sandbox.slack.refusal import Json

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the bot answered; `error` is what Slack would show the person, None if all is well."""

    status: int | None
    body: str
    error: str | None

    @property
    def ok(self) -> bool:
        """Whether the bot acknowledged in time."""
        return self.error is None

    def json(self) -> Json:
        """The body as an object, or {} where it is empty or something else."""
        try:
            body = json.loads(self.body)
        except json.JSONDecodeError:
            return {}
        return body if isinstance(body, dict) else {}


class BotLink:
    """Delivers to `url`, waits `patience` seconds, and repeats events after each of `retry_delays`."""

    def __init__(
        self,
        url: str | None,
        signing_secret: str,
        now: Callable[[], float],
        *,
        patience: float,
        retry_delays: Sequence[float],
    ) -> None:
        self.url = url
        self._secret = signing_secret.encode()
        self._now = now
        self._patience = patience
        self._retry_delays = tuple(retry_delays)
        self._session: aiohttp.ClientSession | None = None
        self._redeliveries: set[asyncio.Task[None]] = set()

    async def command(self, form: Mapping[str, str]) -> Reply:
        """A slash command."""
        return await self._post(urlencode(form).encode(), FORM, {})

    async def interaction(self, payload: Json) -> Reply:
        """A click, a submission or a shortcut."""
        return await self._post(urlencode({"payload": json.dumps(payload)}).encode(), FORM, {})

    async def event(self, payload: Json) -> Reply:
        """An event; one that is not acknowledged comes again in the background, with its retry number."""
        body = json.dumps(payload).encode()
        reply = await self._post(body, "application/json", {})
        if not reply.ok:
            task = asyncio.create_task(self._redeliver(body, reply))
            self._redeliveries.add(task)
            task.add_done_callback(self._redeliveries.discard)
        return reply

    async def settle(self) -> None:
        """Wait until no redelivery is pending."""
        while self._redeliveries:
            await asyncio.gather(*self._redeliveries)

    async def close(self) -> None:
        """Give up redeliveries and connections."""
        for task in tuple(self._redeliveries):
            task.cancel()
        await asyncio.gather(*self._redeliveries, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _redeliver(self, body: bytes, first: Reply) -> None:
        reply = first
        for count, delay in enumerate(self._retry_delays, 1):
            await asyncio.sleep(delay)
            reason = "http_timeout" if reply.error == "operation_timeout" else "http_error"
            headers = {"X-Slack-Retry-Num": str(count), "X-Slack-Retry-Reason": reason}
            reply = await self._post(body, "application/json", headers)
            if reply.ok:
                return

    async def _post(self, body: bytes, content_type: str, headers: Mapping[str, str]) -> Reply:
        if self.url is None:
            return Reply(None, "", "dispatch_failed")
        if self._session is None:
            self._session = aiohttp.ClientSession()
        try:
            async with self._session.post(
                self.url,
                data=body,
                headers={"Content-Type": content_type, **self.signature(body), **headers},
                timeout=aiohttp.ClientTimeout(total=self._patience),
                allow_redirects=False,
            ) as response:
                text = await response.text(errors="replace")
        except TimeoutError:
            return Reply(None, "", "operation_timeout")
        except aiohttp.ClientError:
            return Reply(None, "", "dispatch_failed")
        return Reply(response.status, text, None if response.status == 200 else "dispatch_failed")

    def signature(self, body: bytes) -> dict[str, str]:
        """Slack's v0 signature over time and body."""
        timestamp = str(int(self._now()))
        digest = hmac.new(self._secret, f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}
