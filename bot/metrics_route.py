"""`GET /metrics`: this process's own numbers, those all processes share, and what health is judged by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import prometheus_client
from aiohttp import web
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from redis.asyncio import Redis

from investigator.counters import StoredCounters
from investigator.errors import StoreUnavailable
from investigator.health.gauges import gauges
from investigator.health.observer import Observer


@dataclass(frozen=True, slots=True)
class _Families(Collector):
    families: Iterable[Metric]

    def collect(self) -> Iterator[Metric]:
        yield from self.families


class Metrics:
    """Without the store the counters keep their last values, and gauges of the work are missing."""

    def __init__(self, store: Redis, observer: Observer) -> None:
        self._store = store
        self._observer = observer
        self._stored = StoredCounters()

    async def show(self, _request: web.Request) -> web.Response:
        snapshot = await self._observer.snapshot()
        with suppress(StoreUnavailable):
            await self._stored.refresh(self._store)
        shown = (_Families(gauges(snapshot)), self._stored)
        return web.Response(
            body=b"".join(
                (prometheus_client.generate_latest(), *map(prometheus_client.generate_latest, shown))
            ),
            headers={"Content-Type": prometheus_client.CONTENT_TYPE_LATEST},
        )
