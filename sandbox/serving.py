"""Serving an application on loopback for as long as a context lasts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web


@asynccontextmanager
async def serve(
    app: web.Application, host: str = "127.0.0.1", port: int = 0, *, reads_only: bool = False
) -> AsyncIterator[str]:
    """Yields the address. Port 0 takes a free one; raises OSError when the port is taken.

    `reads_only`: nothing is lost when work ends with the connection of whoever asked for it.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5, handler_cancellation=reads_only)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
