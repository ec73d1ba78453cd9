from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest
from aiohttp import web

from sandbox.faults import Faults
from tests.fixtures.sentry import serving


def application(faults: Faults) -> web.Application:
    async def fine(_request: web.Request) -> web.Response:
        return web.Response(text="fine")

    app = web.Application(middlewares=[faults.middleware])
    app.router.add_get("/{tail:.*}", fine)
    return app


async def test_faults_hit_their_path_as_often_as_told() -> None:
    faults = Faults()
    faults.add("/a", status=503, body=b"{}", headers={"Retry-After": "1"}, times=2)
    async with serving(application(faults)) as url, aiohttp.ClientSession(url) as session:
        statuses = []
        for path in ("/b", "/a", "/a/b", "/a"):
            async with session.get(path) as response:
                statuses.append((response.status, response.headers.get("Retry-After")))
    assert statuses == [(200, None), (503, "1"), (503, "1"), (200, None)]


async def test_delay_and_latency_hold_answers_back_until_cleared() -> None:
    faults = Faults(latency=0.05)
    faults.add("/", status=200, delay=0.05, body=b"late", content_type="text/plain")
    async with serving(application(faults)) as url, aiohttp.ClientSession(url) as session:
        started = time.monotonic()
        async with session.get("/") as response:
            assert await response.text() == "late"
        assert time.monotonic() - started >= 0.1
        faults.clear()
        async with session.get("/") as response:
            assert await response.text() == "fine"
    assert faults.latency == 0


async def test_a_hang_lasts_until_the_client_gives_up() -> None:
    faults = Faults()
    faults.add("/", hang=True)
    async with serving(application(faults)) as url, aiohttp.ClientSession(url) as session:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await session.get("/")
        started = time.monotonic()
    assert time.monotonic() - started < 5, "a hung request must not hold up the server's shutdown"
