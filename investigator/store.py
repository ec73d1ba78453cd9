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
from pydantic import SecretStr
from redis.asyncio.client import Pipeline
from redis.asyncio.retry import Retry as AsyncRetry
from redis.asyncio.sentinel import SentinelConnectionPool as AsyncSentinelPool
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry

from investigator.errors import ConfigurationError, StoreUnavailable
from investigator.sentinels import Majority, Sentinels, parse_host
from investigator.settings import Settings

Address = str | Sentinels  # a URL, or whom to ask

HEALTH_CHECK_SECONDS = 15
RQ_TIMEOUT_SECONDS = 5.0
SENTINEL_SECONDS = 0.3  # for one Sentinel's answer: less than a webhook waits for the store

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


def address_of(settings: Settings) -> Address:
    """Where the store of the settings is.

    Raises:
        ConfigurationError: they name none.
    """
    if settings.redis_url:
        return settings.redis_url
    if not settings.redis_sentinels:
        raise ConfigurationError(
            "neither REDIS_URL nor REDIS_SENTINELS is set: name your Redis or Valkey, or run `pilot up`, "
            "which starts one of its own"
        )
    return Sentinels(
        hosts=tuple(parse_host(address) for address in settings.redis_sentinels),
        primary=settings.redis_sentinel_master,
        password=_revealed(settings.redis_password),
        sentinel_password=_revealed(settings.redis_sentinel_password),
    )


def connect(address: Address, *, timeout: float = 1.0) -> redis.asyncio.Redis:
    """A client for the event loop, answering bytes. Nothing is sent before the first command.

    `timeout` (seconds) bounds connecting and every single answer: a blocking read must block for less.
    Through Sentinels every new connection goes to whoever is primary then.

    Raises:
        ConfigurationError: `address` is not the address of a store.
    """
    options = {"retry": AsyncRetry(NoBackoff(), 0), **_options(timeout)}
    if isinstance(address, Sentinels):
        asking = {**options, **_options(SENTINEL_SECONDS), "password": address.sentinel_password}
        pool = AsyncSentinelPool(  # type: ignore[no-untyped-call]  # as is all of redis-py's Sentinel
            address.primary, Majority(address.hosts, asking), password=address.password, **options
        )
        return redis.asyncio.Redis.from_pool(pool)
    with _as_misconfigured():
        return redis.asyncio.Redis.from_url(address, **options)


def connect_sync(address: Address, *, timeout: float = RQ_TIMEOUT_SECONDS) -> redis.Redis:
    """The blocking twin of `connect`, for RQ and for start-up. RQ widens the timeout for its own waits."""
    options = {"retry": Retry(NoBackoff(), 0), **_options(timeout)}
    if isinstance(address, Sentinels):
        asking = {**options, **_options(SENTINEL_SECONDS), "password": address.sentinel_password}
        sentinel = redis.Sentinel(  # type: ignore[no-untyped-call]
            address.hosts, sentinel_kwargs=asking, password=address.password, **options
        )
        client: redis.Redis = sentinel.master_for(address.primary)  # type: ignore[no-untyped-call]
        return client
    with _as_misconfigured():
        return redis.Redis.from_url(address, **options)


def _revealed(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None


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
    # Of a pipeline redis-py tells the command first, which may hold anything, then the server's words.
    answer = str(error).rpartition("caused error: ")[2].lstrip("('\"")
    return isinstance(error, redis.ResponseError) and answer.startswith(_AWAY_CODES)


@contextmanager
def as_unavailable() -> Iterator[None]:
    """Raise `StoreUnavailable` for every error that means the store is away; others pass through."""
    try:
        yield
    except (redis.RedisError, OSError) as error:
        if is_away(error):
            raise StoreUnavailable(f"the store did not take the command: {error}") from error
        raise
