"""The other side of Sentry: where SDKs send what they caught, as envelopes."""

from __future__ import annotations

import gzip
import json
from typing import Any

from aiohttp import web

Json = dict[str, Any]


class IngestSandbox:
    """Run `app`; `events` are the error events that came, in order. `dsn` gives the address for an SDK."""

    def __init__(self) -> None:
        self.events: list[Json] = []
        self.app = web.Application(client_max_size=16 * 2**20)
        self.app.router.add_post("/api/{project}/envelope/", self._take)

    @staticmethod
    def dsn(url: str) -> str:
        scheme, _, host = url.partition("://")
        return f"{scheme}://public@{host}/1"

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        if body[:2] == b"\x1f\x8b":  # a header says so too, and some servers have undone it by then
            body = gzip.decompress(body)
        lines = body.split(b"\n")
        for header, payload in zip(lines[1::2], lines[2::2], strict=False):
            if header and json.loads(header).get("type") == "event":
                self.events.append(json.loads(payload))
        return web.json_response({"id": "0" * 32})
