"""Trouble on demand: the same fault injection for every sandbox server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.typedefs import Middleware

_POLL_SECONDS = 0.02

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Fault:
    """What happens to requests whose path starts with `path_prefix` and whose body holds `containing`.

    `left` None means: for ever. `after`: the request is carried out first.
    """

    path_prefix: str
    status: int
    delay: float
    hang: bool
    body: bytes
    content_type: str
    headers: Mapping[str, str]
    left: int | None
    containing: bytes
    after: bool


@dataclass(slots=True)
class Faults:
    """Faults of one sandbox server. `latency` in seconds is added to every request."""

    latency: float = 0.0
    _faults: list[Fault] = field(default_factory=list)

    def add(
        self,
        path_prefix: str,
        *,
        status: int = 500,
        delay: float = 0.0,
        hang: bool = False,
        body: bytes = b"",
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
        times: int | None = None,
        containing: bytes = b"",
        after: bool = False,
    ) -> None:
        """Answer matching requests with this instead, after `delay` seconds; the oldest match wins.

        `hang` holds the request until the client gives up. `times` is how many requests are hit before the
        fault is over. `containing` limits it to requests with this in their body, `after` carries them out
        before they are answered like that.
        """
        self._faults.append(
            Fault(
                path_prefix,
                status,
                delay,
                hang,
                body,
                content_type,
                dict(headers or {}),
                times,
                containing,
                after,
            )
        )

    def clear(self) -> None:
        """Everything works again, at full speed."""
        self._faults.clear()
        self.latency = 0.0

    @property
    def middleware(self) -> Middleware:
        """To be given to `aiohttp.web.Application(middlewares=[…])`."""

        @web.middleware
        async def apply(request: web.Request, handler: Handler) -> web.StreamResponse:
            if self.latency:
                await asyncio.sleep(self.latency)
            fault = self._take(request.path, await request.read() if self._faults else b"")
            if fault is None:
                return await handler(request)
            if fault.after:
                await handler(request)
            if fault.hang:
                await _client_gone(request)
            await asyncio.sleep(fault.delay)
            return web.Response(
                status=fault.status,
                body=fault.body,
                content_type=fault.content_type,
                headers=fault.headers,
            )

        return apply

    def _take(self, path: str, body: bytes) -> Fault | None:
        for fault in self._faults:
            if fault.left != 0 and path.startswith(fault.path_prefix) and fault.containing in body:
                if fault.left is not None:
                    fault.left -= 1
                return fault
        return None


async def _client_gone(request: web.Request) -> None:
    """Wait for the connection to end; waiting for ever would hold up the server's shutdown."""
    while True:
        await asyncio.sleep(_POLL_SECONDS)
        if request.transport is None:
            return
