"""The store as something that may be away: whatever is kept in it here can be done without."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import redis
import structlog

from investigator.errors import StoreUnavailable
from investigator.store import as_unavailable

log = structlog.get_logger(__name__)

T = TypeVar("T")
AWAY_SECONDS = 5.0  # for which a store that did not answer is left alone


class Shared:
    """`store` should answer within a second or so, or give up."""

    def __init__(self, store: redis.Redis) -> None:
        self.store = store
        self._away_until = 0.0

    def ask(self, work: Callable[[], T], otherwise: T) -> T:
        """What `work` gets from the store, or `otherwise` while the store is away."""
        if time.monotonic() < self._away_until:
            return otherwise
        try:
            with as_unavailable():
                return work()
        except StoreUnavailable as error:
            self._away_until = time.monotonic() + AWAY_SECONDS
            log.warning("github_store_away", error=str(error))
            return otherwise
