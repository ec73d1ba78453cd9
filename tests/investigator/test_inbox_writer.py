"""With `replicated:N` a write counts only when N replicas confirmed it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from investigator import keys
from investigator.delivery_codec import Fields
from investigator.durability import Durability
from investigator.embedded_store import EmbeddedStore, free_port, server_command, store_url, wait_until_ready
from investigator.errors import StoreUnavailable
from investigator.inbox_writer import InboxWriter
from investigator.store import connect, connect_sync
from tests.fixtures.replicas import follow

FIELDS: Fields = {b"body": b"{}", b"headers": b"{}", b"received_at": b"1", b"origin": b"webhook"}


@pytest.fixture
async def store(primary: EmbeddedStore) -> AsyncIterator[Redis]:
    client = connect(primary.url)
    yield client
    await client.aclose()


async def test_a_confirmed_write_is_on_the_replica_well_within_the_budget(
    store: Redis, replica: EmbeddedStore
) -> None:
    writer = InboxWriter(store, Durability(replicas=1))
    for _ in range(5):
        await writer.write([FIELDS], seconds=0.4)

    with connect_sync(replica.url) as reader:
        assert reader.xlen(keys.INBOX) == 5, "it was confirmed before the replica had it"


async def test_a_replica_that_does_not_confirm_means_unconfirmed_in_time(
    store: Redis, replica: EmbeddedStore
) -> None:
    assert replica.pid is not None
    writer = InboxWriter(store, Durability(replicas=1))
    started = asyncio.get_running_loop().time()
    os.kill(replica.pid, signal.SIGSTOP)
    try:
        with pytest.raises(StoreUnavailable, match=r"0 of 1 replicas confirmed|no answer"):
            await writer.write([FIELDS], seconds=0.4)
    finally:
        os.kill(replica.pid, signal.SIGCONT)

    assert asyncio.get_running_loop().time() - started < 0.7
    await writer.write([FIELDS], seconds=5)


async def test_more_replicas_than_there_are_never_confirm(store: Redis, replica: EmbeddedStore) -> None:
    with pytest.raises(StoreUnavailable, match=r"1 of 2 replicas|no answer"):
        await InboxWriter(store, Durability(replicas=2)).write([FIELDS], seconds=0.4)


@pytest.fixture
def store_without_waitaof(tmp_path: Path) -> Iterator[int]:
    """Its port."""
    port = free_port()
    command = [*server_command(tmp_path, port), "--rename-command", "WAITAOF", ""]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        wait_until_ready(store_url(port), timeout=10)
        yield port
        server.kill()


async def test_a_server_without_waitaof_confirms_by_wait(
    store_without_waitaof: int, replica: EmbeddedStore
) -> None:
    client = connect(store_url(store_without_waitaof))
    writer = InboxWriter(client, Durability(replicas=1))
    with pytest.raises(StoreUnavailable, match=r"0 of 1 replicas confirmed|no answer"):
        await writer.write([FIELDS], seconds=0.4)
    follow(replica, store_without_waitaof)
    await writer.write([FIELDS], seconds=1)
    await client.aclose()
