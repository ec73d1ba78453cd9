"""A delivery is durable when `append` returns: in the store, or in the spool until the store is back."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis

from investigator.delivery_codec import Fields
from investigator.durability import Durability
from investigator.embedded_store import EmbeddedStore
from investigator.inbox import Inbox, InboxFull
from investigator.inbox_writer import InboxWriter
from investigator.spool import Spool, SpoolUnavailable
from investigator.store import connect
from tests.fixtures.inbox import delivery, in_stream
from tests.fixtures.webhook import deliveries, inbox_on


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

    assert await deliveries(store) == [delivery(1)]
    assert await spool.count() == 0


async def test_concurrent_deliveries_share_round_trips(store: Redis, spool: Spool) -> None:
    inbox = inbox_on(store, spool)
    reads_before = (await store.info("stats"))["total_reads_processed"]
    outcomes = await asyncio.gather(*(inbox.append(delivery(n)) for n in range(200)))
    reads = (await store.info("stats"))["total_reads_processed"] - reads_before

    assert outcomes == ["stored"] * 200
    assert await in_stream(store) == [str(n) for n in range(200)], "arrival order was not kept"
    assert reads < 20, f"200 deliveries took {reads} reads of the store: the commit is not shared"


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


class PatientWriter(InboxWriter):
    """Stands for a store that hangs; `given` is how long it was to be waited for."""

    given = 0.0

    async def write(self, deliveries: Sequence[Fields], seconds: float) -> None:
        self.given = seconds
        await asyncio.Event().wait()


async def test_what_a_sender_has_waited_already_is_taken_off_its_second(store: Redis, spool: Spool) -> None:
    writer = PatientWriter(store, Durability())
    inbox = Inbox(writer, spool, budget=0.6)
    with pytest.raises(InboxFull, match="send this one again later"):
        await inbox.append(delivery(1), waited=0.5)

    assert 0.1 <= writer.given < 0.3, "with the spool's share the answer would come after Sentry hung up"


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
