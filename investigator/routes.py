"""Channels that people chose for a service in Slack; they come before the catalogue's."""

from __future__ import annotations

from redis.asyncio import Redis

from investigator import keys
from investigator.store import decoded


async def overrides(store: Redis) -> dict[str, str]:
    """Service → channel id."""
    kept = await store.hgetall(keys.ROUTES)
    return {decoded(service): decoded(channel) for service, channel in kept.items()}


async def override(store: Redis, service: str) -> str | None:
    channel = await store.hget(keys.ROUTES, service)
    return decoded(channel) if channel else None


async def set_override(store: Redis, service: str, channel: str | None) -> None:
    """None: the catalogue decides again."""
    if channel is None:
        await store.hdel(keys.ROUTES, service)
    else:
        await store.hset(keys.ROUTES, service, channel)
