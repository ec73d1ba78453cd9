"""`/healthz` and `/readyz`: what load balancers and supervisors may ask of this process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from aiohttp import web
from redis.asyncio import Redis

from investigator.durability import Durability
from investigator.health.looking import refusal
from investigator.spool import Spool, SpoolUnavailable

FRESH_SECONDS = 1.0


class Remembered:
    """The answer of `ask`, asked at most once a second however many want it."""

    def __init__(self, ask: Callable[[], Awaitable[str]]) -> None:
        self._ask = ask
        self._answer = ""
        self._until = 0.0
        self._asking = asyncio.Lock()

    async def __call__(self) -> str:
        async with self._asking:
            if time.monotonic() >= self._until:
                self._answer = await self._ask()
                self._until = time.monotonic() + FRESH_SECONDS
            return self._answer


class Health:
    """Routes that anybody may ask: they tell nothing but that, and cost next to nothing."""

    def __init__(self, store: Redis, spool: Spool, durability: Durability, stop: asyncio.Event) -> None:
        self._stop = stop

        async def of_spool() -> str:
            try:
                await spool.probe()
            except SpoolUnavailable as error:
                return str(error)
            return ""

        self._store_away = Remembered(lambda: refusal(store, durability))
        self._spool_away = Remembered(of_spool)

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/healthz", self.alive)
        app.router.add_get("/readyz", self.ready)

    async def alive(self, request: web.Request) -> web.Response:
        """The process answers; whether it can do its work is `/readyz`."""
        return web.json_response({"status": "alive"})

    async def ready(self, request: web.Request) -> web.Response:
        """503 only when a delivery could not be made durable now, neither by the store nor by the spool.

        And once the process was told to stop, so that nothing is sent here any more when it does.
        """
        if self._stop.is_set():
            return web.json_response({"status": "stopping", "reasons": ["told to stop"]}, status=503)
        store_away, spool_away = await asyncio.gather(self._store_away(), self._spool_away())
        reasons = []
        if store_away:
            reasons.append(
                f"the store does not answer as it should, deliveries go to the spool: {store_away}"
            )
        if spool_away:
            reasons.append(f"the spool cannot take deliveries: {spool_away}")
        ready = not (store_away and spool_away)
        status = ("degraded" if reasons else "ready") if ready else "not ready"
        return web.json_response({"status": status, "reasons": reasons}, status=200 if ready else 503)
