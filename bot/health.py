"""`/healthz`, `/readyz`, `/metrics`: what machines and people may ask about this process."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import prometheus_client
import redis.asyncio
from aiohttp import web
from redis.exceptions import RedisError

from investigator.counters import StoredCounters
from investigator.errors import BadPayload, StoreUnavailable
from investigator.inbox_reader import InboxReader
from investigator.spool import Spool, SpoolUnavailable


class Health:
    """Routes that look and never change anything."""

    def __init__(self, store: redis.asyncio.Redis, inbox: InboxReader, spool: Spool) -> None:
        self._store = store
        self._inbox = inbox
        self._spool = spool
        self._stored = StoredCounters()

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/healthz", self.alive)
        app.router.add_get("/readyz", self.ready)
        app.router.add_get("/metrics", self.metrics)

    async def alive(self, request: web.Request) -> web.Response:
        """The process answers; whether it can do its work is `/readyz`."""
        return web.json_response({"status": "alive"})

    async def ready(self, request: web.Request) -> web.Response:
        """503 only when a delivery could not be made durable now: neither by the store nor by the spool."""
        reasons = []
        store_away = await self._store_away()
        spool_away = await self._spool_away()
        if store_away:
            reasons.append(f"the store does not answer, deliveries go to the spool: {store_away}")
        if spool_away:
            reasons.append(f"the spool cannot take deliveries: {spool_away}")
        ready = not (store_away and spool_away)
        status = ("degraded" if reasons else "ready") if ready else "not ready"
        return web.json_response({"status": status, "reasons": reasons}, status=200 if ready else 503)

    async def metrics(self, request: web.Request) -> web.Response:
        # Without the store, or behind an entry that is not ours, gauge and counters keep their last values.
        with suppress(StoreUnavailable, BadPayload):
            await self._inbox.oldest_age(datetime.now(UTC))
        with suppress(StoreUnavailable):
            await self._stored.refresh(self._store)
        return web.Response(
            body=prometheus_client.generate_latest() + prometheus_client.generate_latest(self._stored),
            headers={"Content-Type": prometheus_client.CONTENT_TYPE_LATEST},
        )

    async def _store_away(self) -> str | None:
        try:
            await self._store.ping()
        except (RedisError, OSError) as error:
            return str(error)
        return None

    async def _spool_away(self) -> str | None:
        try:
            await self._spool.probe()
        except SpoolUnavailable as error:
            return str(error)
        return None
