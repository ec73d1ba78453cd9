"""Connections to the store, and what counts as the store being away.

No command is repeated by the client: one whose answer was lost may have been carried out, so whoever sent
it decides (intake spools, triage reads again, RQ jobs are run again).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis
import redis.asyncio
from redis.asyncio.client import Pipeline
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry

from investigator.errors import ConfigurationError, StoreUnavailable

HEALTH_CHECK_SECONDS = 15
RQ_TIMEOUT_SECONDS = 5.0

# "Not now, or not here": away, demoted, or out of memory.
_AWAY = (
    redis.ConnectionError,
    redis.TimeoutError,
    redis.ReadOnlyError,
    redis.OutOfMemoryError,
    redis.exceptions.ClusterDownError,  # also MASTERDOWN: a replica that lost its primary
    OSError,  # also asyncio's TimeoutError
)
# The same without a class of its own: too few replicas, a failing disk, a blocked read ended by a fail-over.
_AWAY_CODES = ("NOREPLICAS", "MISCONF", "UNBLOCKED")


def connect(url: str, *, timeout: float = 1.0) -> redis.asyncio.Redis:
    """A client for the event loop, answering bytes. Nothing is sent before the first command.

    `timeout` (seconds) bounds connecting and every single answer: a blocking read must block for less.

    Raises:
        ConfigurationError: `url` is not the address of a store.
    """
    with _as_misconfigured():
        return redis.asyncio.Redis.from_url(url, retry=AsyncRetry(NoBackoff(), 0), **_options(timeout))


def connect_sync(url: str, *, timeout: float = RQ_TIMEOUT_SECONDS) -> redis.Redis:
    """The blocking twin of `connect`, for RQ and for start-up. RQ widens the timeout for its own waits."""
    with _as_misconfigured():
        return redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0), **_options(timeout))


@contextmanager
def _as_misconfigured() -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise ConfigurationError(f"REDIS_URL: {error}") from None


def _options(timeout: float) -> dict[str, Any]:
    return {
        "decode_responses": False,
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "health_check_interval": HEALTH_CHECK_SECONDS,
        # A protocol of one vendor's cloud; here it would only stretch the timeouts above.
        "maint_notifications_config": MaintNotificationsConfig(enabled=False),
    }


def begin(pipe: Pipeline) -> None:
    """After watching and reading: queue the commands that follow, to be executed as one."""
    pipe.multi()  # type: ignore[no-untyped-call]  # redis-py leaves it untyped


def decoded(value: object) -> str:
    """An answer of the store's as text; redis-py's types allow for more than it sends."""
    return value.decode() if isinstance(value, bytes) else str(value)


def is_away(error: BaseException) -> bool:
    """Does this error say that the store cannot take the command now (rather than that it is wrong)?"""
    if isinstance(error, _AWAY):
        return True
    return isinstance(error, redis.ResponseError) and str(error).startswith(_AWAY_CODES)


@contextmanager
def as_unavailable() -> Iterator[None]:
    """Raise `StoreUnavailable` for every error that means the store is away; others pass through."""
    try:
        yield
    except (redis.RedisError, OSError) as error:
        if is_away(error):
            raise StoreUnavailable(f"the store did not take the command: {error}") from error
        raise
