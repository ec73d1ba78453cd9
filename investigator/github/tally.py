"""Counts of one process, to be added to those of all when its work is done."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping

import structlog
from redis.asyncio import Redis

from investigator import keys
from investigator.counters import GITHUB_CACHE, GITHUB_REQUESTS
from investigator.errors import StoreUnavailable
from investigator.store import as_unavailable

log = structlog.get_logger(__name__)

BUDGETS_SECONDS = 2 * 3600  # they begin anew every hour


class Tally:
    """Counts from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cache: Counter[str] = Counter()
        self._requests: Counter[tuple[str, str, str]] = Counter()
        self._budgets: dict[str, str] = {}

    def cached(self, *, hits: int = 0, misses: int = 0, confirmed: int = 0) -> None:
        """Pieces of answers: found, to be asked for, or found old and confirmed by GitHub."""
        with self._lock:
            self._cache.update({"hit": hits, "miss": misses, "confirmed": confirmed})

    def sent(self, credential: str, kind: str, result: str, budget: Mapping[str, str] | None = None) -> None:
        """A request: `kind` is core, graphql or token; `result` is ok or the kind of its failure.

        `budget` is what the answer told of it, as `choice.budget` has it.
        """
        with self._lock:
            self._requests[credential, kind, result] += 1
            self._budgets.update({f"{credential}:{kind}": left for left in (budget or {}).values()})

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
            budgets, self._budgets = self._budgets, {}
        for result, amount in (+cache).items():
            await GITHUB_CACHE.add(store, result, amount=amount)
        for labels, amount in requests.items():
            await GITHUB_REQUESTS.add(store, *labels, amount=amount)
        if budgets:
            await self._tell(store, budgets)

    @staticmethod
    async def _tell(store: Redis, budgets: Mapping[str, str]) -> None:
        try:
            with as_unavailable():
                async with store.pipeline(transaction=False) as pipe:
                    for field, left in budgets.items():
                        pipe.hset(keys.GITHUB_BUDGETS, field, left)
                    pipe.expire(keys.GITHUB_BUDGETS, BUDGETS_SECONDS)
                    await pipe.execute()
        except StoreUnavailable as error:
            log.warning("github_budgets_not_told", error=str(error))
