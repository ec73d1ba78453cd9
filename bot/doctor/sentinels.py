"""The Sentinels: are there enough, and do they agree on who the primary is?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import redis.asyncio
from redis.exceptions import RedisError

from bot.doctor.check import Check, failed, ok, warning
from investigator.sentinels import parse_host
from investigator.settings import Settings

ANSWER_SECONDS = 2.0
FEWEST = 3


async def sentinels(settings: Settings) -> AsyncIterator[Check]:
    addresses = settings.redis_sentinels
    if len(addresses) < FEWEST:
        yield warning(
            "Sentinels",
            f"{len(addresses)} configured: with fewer than {FEWEST} one that is gone stops every fail-over",
            "run three of them in three places, see docs/regions.md",
        )
    states = await asyncio.gather(*(_state(address, settings) for address in addresses))
    primaries = {f"{state['ip']}:{state['port']}" for state in states if isinstance(state, Mapping)}
    for address, state in zip(addresses, states, strict=True):
        if isinstance(state, str):
            yield failed(
                f"Sentinel {address}", state, "see that it runs, its password and its name of the primary"
            )
        else:
            yield ok(f"Sentinel {address}", f"watches {state['ip']}:{state['port']}")
    if len(primaries) > 1:
        yield failed(
            "primary",
            f"the Sentinels disagree: {', '.join(sorted(primaries))}",
            "wait for a fail-over under way to end; if it stays, see their logs",
        )


async def _state(address: str, settings: Settings) -> Mapping[str, Any] | str:
    """What one of them knows of the primary, or why it does not say."""
    host, port = parse_host(address)
    password = settings.redis_sentinel_password
    client = redis.asyncio.Redis(
        host=host,
        port=port,
        password=password.get_secret_value() if password else None,
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
    )
    try:
        async with client:
            masters: Any = await client.sentinel_masters()
    except (RedisError, OSError) as error:
        return f"does not answer: {error}"
    state: Mapping[str, Any] | None = masters.get(settings.redis_sentinel_master)
    return state or f"does not know a primary called {settings.redis_sentinel_master}"
