"""A delivery is durable when `append` returns: in the store, or in the spool until the store is back."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from investigator import keys
from investigator.delivery import Delivery
from investigator.delivery_codec import Fields, decode, encode
from investigator.durability import Durability
from investigator.embedded_store import EmbeddedStore, free_port, store_url
from investigator.errors import StoreUnavailable
from investigator.inbox import Inbox, InboxFull
from investigator.inbox_writer import InboxWriter
from investigator.spool import Spool, SpoolUnavailable
from investigator.store import connect

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def delivery(number: int, size: int = 0) -> Delivery:
    return Delivery(b'{"n":%d}' % number + b" " * size, {"idempotency-key": str(number)}, NOON)


async def stream_of(store: Redis) -> list[Delivery]:
    entries: Any = await store.xrange(keys.INBOX)
    return [decode(fields) for _, fields in entries]


async def in_stream(store: Redis) -> list[str]:
    return [entry.identity for entry in await stream_of(store)]


async def in_spool(spool: Spool) -> list[str]:
    return [decode(item.fields).identity for item in await spool.oldest(100_000)]


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[Spool]:
    spool = Spool(tmp_path / "data")
    yield spool
    await spool.close()


@pytest.fixture
async def nowhere() -> AsyncIterator[Redis]:
    """A client of a store that is not there."""
    client = connect(store_url(free_port()))
    yield client
    await client.aclose()


def inbox_on(store: Redis, spool: Spool, *, budget: float = 0.4, max_waiting: int = 1000) -> Inbox:
    return Inbox(InboxWriter(store, Durability()), spool, budget=budget, max_waiting=max_waiting)


@contextmanager
def frozen(server: EmbeddedStore) -> Iterator[None]:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.pid, signal.SIGCONT)


async def test_what_was_stored_is_in_the_stream_unchanged(store: Redis, spool: Spool) -> None:
    assert await inbox_on(store, spool).append(delivery(1)) == "stored"

    assert await stream_of(store) == [delivery(1)]
    assert await spool.count() == 0


async def test_concurrent_deliveries_share_round_trips(store: Redis, spool: Spool) -> None:
    inbox = inbox_on(store, spool)
    reads_before = (await store.info("stats"))["total_reads_processed"]
    outcomes = await asyncio.gather(*(inbox.append(delivery(n)) for n in range(200)))
    reads = (await store.info("stats"))["total_reads_processed"] - reads_before

    assert outcomes == ["stored"] * 200
    assert await in_stream(store) == [str(n) for n in range(200)], "arrival order was not kept"
    assert reads < 20, f"200 deliveries took {reads} reads of the store: the commit is not shared"


async def test_without_a_store_it_is_spooled_and_follows_in_order(
    store: Redis, nowhere: Redis, spool: Spool
) -> None:
    outage = inbox_on(nowhere, spool)
    for number in range(5):
        assert await outage.append(delivery(number)) == "spooled"
    with pytest.raises(StoreUnavailable):
        await outage.drain()
    assert await in_spool(spool) == ["0", "1", "2", "3", "4"], "a failed drain must not lose anything"

    assert await inbox_on(store, spool).drain() == 5
    assert await in_stream(store) == ["0", "1", "2", "3", "4"]
    assert await spool.count() == 0
    assert await inbox_on(store, spool).drain() == 0


async def test_a_frozen_store_costs_its_budget_once_and_not_for_each_delivery(
    store_server: EmbeddedStore, store: Redis, spool: Spool
) -> None:
    inbox = inbox_on(store, spool, budget=0.2)
    await inbox.append(delivery(0))
    with frozen(store_server):
        started = time.monotonic()
        assert await inbox.append(delivery(1)) == "spooled"
        first = time.monotonic() - started
        for number in range(2, 12):
            assert await inbox.append(delivery(number)) == "spooled"
        others = time.monotonic() - started - first

    assert first < 0.6
    assert others < 0.5, "every delivery paid for the frozen store again"
    await inbox.drain()
    stream = await in_stream(store)
    assert stream[-11:] == [str(n) for n in range(1, 12)]
    assert set(stream) == {str(n) for n in range(12)}, "unknown outcome: it may come twice, never not at all"


async def test_the_store_is_used_again_when_a_drain_found_it_back(
    store_server: EmbeddedStore, store: Redis, spool: Spool
) -> None:
    inbox = inbox_on(store, spool, budget=0.1)
    with frozen(store_server):
        assert await inbox.append(delivery(1)) == "spooled"
    keeper = asyncio.create_task(inbox.keep_drained(every=0.02))
    while await spool.count():
        pass

    assert await inbox.append(delivery(2)) == "stored"
    keeper.cancel()


async def test_nothing_acknowledged_is_lost_when_the_store_is_killed_under_load(
    tmp_path: Path, spool: Spool
) -> None:
    acknowledged: set[str] = set()
    outcomes: set[str] = set()

    async def client(inbox: Inbox, first: int, done: asyncio.Event) -> None:
        number = first
        while not done.is_set():
            outcomes.add(await inbox.append(delivery(number, size=2000)))
            acknowledged.add(str(number))
            number += 100

    with EmbeddedStore(tmp_path / "store") as server:
        store, done = connect(server.url), asyncio.Event()
        inbox = inbox_on(store, spool)
        clients = [asyncio.create_task(client(inbox, n, done)) for n in range(20)]
        await asyncio.sleep(0.2)
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        await asyncio.sleep(0.2)
        done.set()
        await asyncio.gather(*clients)
        await store.aclose()
    assert outcomes == {"stored", "spooled"}, "the kill did not fall into the load"

    with EmbeddedStore(tmp_path / "store") as server:
        store = connect(server.url)
        await inbox_on(store, spool).drain()
        lost = acknowledged - set(await in_stream(store))
        await store.aclose()
    assert not lost, f"{len(lost)} of {len(acknowledged)} acknowledged deliveries were lost"


async def test_a_drain_that_died_half_way_is_finished_by_the_next(
    store: Redis, nowhere: Redis, spool: Spool
) -> None:
    outage = inbox_on(nowhere, spool)
    for number in range(4):
        await outage.append(delivery(number))
    already = [item.fields for item in await spool.oldest(2)]
    await InboxWriter(store, Durability()).write(already, seconds=1)  # written, not yet removed: then it died

    await inbox_on(store, spool).drain()

    assert await in_stream(store) == ["0", "1", "0", "1", "2", "3"]
    assert await spool.count() == 0
    assert len(set(await in_stream(store))) == 4, "the copies must have one identity"


async def test_a_store_that_confirms_nothing_gets_no_copy_with_every_drain(
    store: Redis, spool: Spool
) -> None:
    await spool.append([encode(delivery(number)) for number in range(3)])
    inbox = Inbox(InboxWriter(store, Durability(replicas=1)), spool)
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="0 of 1 replicas"):
            await inbox.drain()

    assert await in_stream(store) == [], "the stream grows for as long as the replica is away"
    assert await in_spool(spool) == ["0", "1", "2"]


class NarrowWriter(InboxWriter):
    """Stands for a link between regions that takes so many deliveries in time."""

    most = 5

    async def write(self, deliveries: Sequence[Fields], seconds: float) -> None:
        await super().write(deliveries, seconds)
        if len(deliveries) > self.most:
            raise StoreUnavailable("no confirmation in time")


async def test_what_is_too_much_at_once_is_drained_in_smaller_parts(store: Redis, spool: Spool) -> None:
    await spool.append([encode(delivery(number)) for number in range(40)])
    inbox = Inbox(NarrowWriter(store, Durability()), spool)
    for _ in range(40):
        with suppress(StoreUnavailable):
            await inbox.drain()

    assert await spool.count() == 0, "the spool is never drained"
    assert set(await in_stream(store)) == {str(number) for number in range(40)}


@pytest.mark.parametrize("refusal", ["NOREPLICAS", "OOM"])
async def test_a_store_that_refuses_writes_is_a_store_that_is_away(
    store: Redis, spool: Spool, refusal: str
) -> None:
    setting, strict, usual = {
        "NOREPLICAS": ("min-replicas-to-write", 1, 0),
        "OOM": ("maxmemory", 1, 0),
    }[refusal]
    inbox = inbox_on(store, spool)
    await store.config_set(setting, strict)
    try:
        assert await inbox.append(delivery(1)) == "spooled"
    finally:
        await store.config_set(setting, usual)
    assert await inbox.drain() == 1
    assert await in_stream(store) == ["1"]


async def test_too_many_waiting_deliveries_are_shed_and_the_others_kept(store: Redis, spool: Spool) -> None:
    inbox = inbox_on(store, spool, max_waiting=50)
    outcomes = await asyncio.gather(*(inbox.append(delivery(n)) for n in range(80)), return_exceptions=True)

    assert outcomes[:50] == ["stored"] * 50
    assert all(isinstance(outcome, InboxFull) for outcome in outcomes[50:]), "memory is not bounded"
    assert await inbox.append(delivery(100)) == "stored", "it did not recover from the overload"


async def test_waiting_bytes_are_bounded_too(store: Redis, spool: Spool) -> None:
    inbox = Inbox(InboxWriter(store, Durability()), spool, max_waiting_bytes=100_000)
    outcomes = await asyncio.gather(
        *(inbox.append(delivery(n, size=30_000)) for n in range(5)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [str, str, str, InboxFull, InboxFull]


async def test_neither_store_nor_disk_is_an_error_and_never_a_success(nowhere: Redis, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory can be made here")
    spool = Spool(tmp_path / "file" / "data")
    with pytest.raises(SpoolUnavailable):
        await inbox_on(nowhere, spool).append(delivery(1))
    await spool.close()


async def test_closing_lets_what_waits_become_durable(store: Redis, spool: Spool) -> None:
    inbox = inbox_on(store, spool)
    waiting = [asyncio.create_task(inbox.append(delivery(n))) for n in range(10)]
    await asyncio.sleep(0)
    await inbox.close()
    assert [await task for task in waiting] == ["stored"] * 10


async def test_who_was_told_to_come_back_is_not_written_later(store: Redis, spool: Spool) -> None:
    inbox = inbox_on(store, spool)
    waiting = [asyncio.create_task(inbox.append(delivery(n))) for n in range(3)]
    await asyncio.sleep(0)
    waiting[1].cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await inbox.close()
    assert await in_stream(store) == ["0", "2"]
