"""Real servers, three Sentinels, and a primary that is killed while webhooks come in."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from investigator import keys
from investigator.delivery import Delivery
from investigator.durability import LOCAL, Durability
from investigator.embedded_store import free_port
from investigator.errors import StoreUnavailable
from investigator.inbox import Inbox
from investigator.inbox_writer import InboxWriter
from investigator.sentinels import Sentinels, parse_host
from investigator.spool import Spool
from investigator.store import as_unavailable, connect, connect_sync
from tests.chaos.places import Loopback
from tests.chaos.stores import NAME, Cluster
from tests.fixtures.webhook import NOON, deliveries

pytestmark = pytest.mark.processes

MOST_SECONDS = 20


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    cluster = Cluster(list(Loopback().places.values()), tmp_path / "cluster", free_port(), free_port())
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
async def client(cluster: Cluster) -> AsyncIterator[Redis]:
    hosts = tuple(parse_host(address) for address in cluster.sentinel_addresses.split(","))
    client = connect(Sentinels(hosts, NAME))
    yield client
    await client.aclose()


async def test_webhooks_are_kept_through_a_failover_and_all_reach_the_new_primary(
    cluster: Cluster, client: Redis, spool: Spool
) -> None:
    inbox = Inbox(InboxWriter(client, Durability(replicas=1)), spool)
    kept: list[bytes] = []
    slowest = 0.0

    async def send_for(seconds: float) -> set[str]:
        nonlocal slowest
        ends, outcomes = time.monotonic() + seconds, set[str]()
        while (started := time.monotonic()) < ends:
            body = str(len(kept)).encode()
            outcomes.add(await inbox.append(Delivery(body, {}, NOON)))
            kept.append(body)
            slowest = max(slowest, time.monotonic() - started)
            await asyncio.sleep(0.02)
        return outcomes

    assert await send_for(0.3) == {"stored"}

    old = cluster.servers[0]
    old.kill()
    cluster.sentinels[0].send(signal.SIGSTOP)  # and its Sentinel answers nothing any more
    assert "spooled" in await send_for(4.5)
    cluster.rejoin(old)
    await _drained(inbox, spool)

    assert slowest < 1, f"one delivery was answered after {slowest:.2f} s"
    assert await send_for(0.3) == {"stored"}, "the spool is still used when the store is back"
    there = await deliveries(client)
    assert {each.body for each in there} == set(kept), "acknowledged and lost"
    with connect_sync(Sentinels((parse_host(cluster.sentinels[1].address),), NAME)) as blocking:
        assert blocking.xlen(keys.INBOX) == len(there), "RQ's client talks to another server"


async def _drained(inbox: Inbox, spool: Spool) -> None:
    ends = time.monotonic() + MOST_SECONDS
    while await spool.count():
        try:
            await inbox.drain()
        except StoreUnavailable:
            assert time.monotonic() < ends, "the new primary was never found"
            await asyncio.sleep(0.2)


async def test_a_demoted_primary_is_no_error_but_the_spools_turn(store: Redis, spool: Spool) -> None:
    inbox = Inbox(InboxWriter(store, LOCAL), spool)
    await store.replicaof("127.0.0.1", str(free_port()))
    try:
        assert await inbox.append(Delivery(b"1", {}, NOON)) == "spooled"
    finally:
        await store.replicaof("NO", "ONE")
    assert await inbox.drain() == 1
    assert await store.xlen(keys.INBOX) == 1


async def test_too_few_replicas_in_the_middle_of_a_transaction_mean_away(store: Redis) -> None:
    await store.config_set("min-replicas-to-write", 1)
    try:
        for transaction in (True, False):
            async with store.pipeline(transaction=transaction) as pipe:
                pipe.set("a", "caused error: and so on")
                with pytest.raises(StoreUnavailable), as_unavailable():
                    await pipe.execute()
    finally:
        await store.config_set("min-replicas-to-write", 0)
