"""What counts as the store being away, tried on a real store."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import pytest
import redis
from redis.asyncio import Redis

from investigator.embedded_store import EmbeddedStore, free_port, store_url
from investigator.errors import StoreUnavailable
from investigator.store import as_unavailable, connect, connect_sync


@pytest.mark.parametrize(
    ("setting", "value", "usual"), [("maxmemory", 1, 0), ("min-replicas-to-write", 1, 0)]
)
async def test_a_refused_write_means_away(store: Redis, setting: str, value: int, usual: int) -> None:
    await store.config_set(setting, value)
    try:
        with pytest.raises(StoreUnavailable), as_unavailable():
            await store.set("a", "b")
    finally:
        await store.config_set(setting, usual)


async def test_a_demoted_primary_means_away(store: Redis) -> None:
    await store.replicaof("127.0.0.1", str(free_port()))
    try:
        with pytest.raises(StoreUnavailable), as_unavailable():
            await store.set("a", "b")
    finally:
        await store.replicaof("NO", "ONE")


async def test_a_wrong_command_is_an_error_of_ours_and_stays_one(store: Redis) -> None:
    await store.set("text", "x")
    with pytest.raises(redis.ResponseError, match="WRONGTYPE"), as_unavailable():
        await store.lpush("text", "x")


async def test_nobody_there_means_away_for_both_clients() -> None:
    url = store_url(free_port())
    client = connect(url)
    with pytest.raises(StoreUnavailable), as_unavailable():
        await client.ping()
    with pytest.raises(StoreUnavailable), as_unavailable(), connect_sync(url) as sync_client:
        sync_client.ping()
    await client.aclose()


async def test_a_frozen_store_is_given_up_after_the_timeout_and_the_client_works_again_after(
    store_server: EmbeddedStore, store_url: str
) -> None:
    client = connect(store_url, timeout=0.1)
    await client.set("a", "1")
    assert store_server.pid is not None
    os.kill(store_server.pid, signal.SIGSTOP)
    started = time.monotonic()
    try:
        with pytest.raises(StoreUnavailable), as_unavailable():
            await client.get("a")
    finally:
        os.kill(store_server.pid, signal.SIGCONT)
    assert time.monotonic() - started < 0.5, "the command was repeated, or waited for too long"

    await asyncio.sleep(0.05)
    assert await client.get("a") == b"1", "an answer of an abandoned command was taken for this one's"
    await client.aclose()
