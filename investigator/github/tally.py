"""Counts of one process, to be added to those of all when its work is done."""

from __future__ import annotations

import threading
from collections import Counter

from redis.asyncio import Redis

from investigator.counters import GITHUB_CACHE, GITHUB_REQUESTS


class Tally:
    """Counts from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cache: Counter[str] = Counter()
        self._requests: Counter[tuple[str, str, str]] = Counter()

    def cached(self, *, hits: int = 0, misses: int = 0, confirmed: int = 0) -> None:
        """Pieces of answers: found, to be asked for, or found old and confirmed by GitHub."""
        with self._lock:
            self._cache.update({"hit": hits, "miss": misses, "confirmed": confirmed})

    def sent(self, credential: str, kind: str, result: str) -> None:
        """A request: `kind` is core, graphql or token; `result` is ok or the kind of its failure."""
        with self._lock:
            self._requests[credential, kind, result] += 1

    def cache_results(self) -> dict[str, int]:
        with self._lock:
            return dict(+self._cache)

    def requests(self) -> dict[tuple[str, str, str], int]:
        with self._lock:
            return dict(self._requests)

    async def add_to(self, store: Redis) -> None:
        """Hand the counts over to the counters all processes share, and begin again at nothing."""
        with self._lock:
            cache, self._cache = self._cache, Counter()
            requests, self._requests = self._requests, Counter()
        for result, amount in (+cache).items():
            await GITHUB_CACHE.add(store, result, amount=amount)
        for labels, amount in requests.items():
            await GITHUB_REQUESTS.add(store, *labels, amount=amount)
