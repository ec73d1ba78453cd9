"""Triage's side of the inbox: at least once, in order, nothing trimmed that is not finished."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from investigator import keys
from investigator.delivery import Delivery
from investigator.delivery_codec import encode
from investigator.durability import Durability
from investigator.embedded_store import free_port, store_url
from investigator.errors import StoreUnavailable
from investigator.inbox_reader import Entry, InboxReader
from investigator.inbox_writer import InboxWriter
from investigator.store import connect

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def delivery(number: int) -> Delivery:
    return Delivery(b'{"n":%d}' % number, {"idempotency-key": str(number)}, NOON + timedelta(seconds=number))


def identities(entries: list[Entry]) -> list[str]:
    return [entry.delivery.identity for entry in entries]


async def fill(store: Redis, count: int) -> None:
    await InboxWriter(store, Durability()).write([encode(delivery(n)) for n in range(count)], seconds=5)


async def reader_on(store: Redis, consumer: str = "one") -> InboxReader:
    reader = InboxReader(store, consumer)
    await reader.ensure_group()
    return reader


async def test_entries_come_in_order_and_each_only_once(store: Redis) -> None:
    await fill(store, 3)
    reader = await reader_on(store)

    first = await reader.read(2, block_ms=0)
    assert [entry.delivery for entry in first] == [delivery(0), delivery(1)]
    assert identities(await reader.read(2, block_ms=0)) == ["2"]
    assert await reader.read(2, block_ms=0) == []
    assert await reader.read(2, block_ms=10) == []


async def test_what_came_before_the_first_reader_is_read_and_a_second_start_skips_nothing(
    store: Redis,
) -> None:
    await fill(store, 2)
    await reader_on(store)
    assert identities(await (await reader_on(store)).read(10, block_ms=0)) == ["0", "1"]


async def test_what_a_dead_reader_held_is_taken_over_with_the_count_of_attempts(store: Redis) -> None:
    await fill(store, 5)
    dead = await reader_on(store, "dead")
    held = await dead.read(4, block_ms=0)
    await dead.acknowledge([held[0].id])

    heir = await reader_on(store, "heir")
    assert await heir.claim_stale(min_idle_ms=60_000) == [], "taken away from a reader that may be alive"
    claimed = await heir.claim_stale(min_idle_ms=0, most=lambda attempts: 2)
    assert identities(claimed) == ["1", "2"]
    assert [entry.attempts for entry in claimed] == [2, 2]
    await heir.acknowledge([entry.id for entry in claimed])
    [last] = await heir.claim_stale(min_idle_ms=0)
    assert (last.delivery.identity, last.attempts) == ("3", 2)
    [again] = await heir.claim_stale(min_idle_ms=0)
    assert again.attempts == 3, "a poison delivery could not be told by its attempts"


async def test_only_what_was_tried_equally_often_is_taken_over_together(store: Redis) -> None:
    await fill(store, 4)
    dead = await reader_on(store, "dead")
    held = await dead.read(4, block_ms=0)
    await store.xclaim(keys.INBOX, keys.INBOX_GROUP, "dead", 0, [held[2].id])  # one more try than the others
    heir = await reader_on(store, "heir")

    found = []
    while claimed := await heir.claim_stale(0, most=lambda attempts: 9):
        found.append([(entry.delivery.identity, entry.attempts) for entry in claimed])
        await heir.acknowledge([entry.id for entry in claimed])
    assert found == [[("0", 2), ("1", 2)], [("2", 3)], [("3", 2)]]


async def test_an_entry_set_aside_is_kept_with_the_reason_and_does_not_come_back(store: Redis) -> None:
    await fill(store, 1)
    reader = await reader_on(store)
    [entry] = await reader.read(1, block_ms=0)

    await reader.set_aside(entry, "triage failed 3 times: …")

    dead: Any = await store.xrange(keys.INBOX_DEAD)
    assert dead[0][1] == encode(delivery(0)) | {
        b"entry": entry.id.encode(),
        b"reason": "triage failed 3 times: …".encode(),
    }
    assert await reader.claim_stale(min_idle_ms=0) == []
    assert await reader.depth() == 0


async def test_what_is_not_ours_is_set_aside_and_the_rest_still_read(store: Redis) -> None:
    await store.xadd(keys.INBOX, {"somebody": "else"})
    await fill(store, 1)
    reader = await reader_on(store)

    assert identities(await reader.read(10, block_ms=0)) == ["0"]
    dead: Any = await store.xrange(keys.INBOX_DEAD)
    assert dead[0][1][b"somebody"] == b"else"
    assert await reader.depth() == 1


async def test_trimming_forgets_the_finished_and_nothing_else(store: Redis) -> None:
    await fill(store, 6)
    reader = InboxReader(store, "one")
    assert await reader.trim() == 0, "trimmed although nobody has read"
    await reader.ensure_group()
    assert await reader.trim() == 0
    entries = await reader.read(4, block_ms=0)
    await reader.acknowledge([entries[i].id for i in (0, 1, 3)])

    assert await reader.trim() == 2, "only what lies behind the oldest unfinished entry may go"
    assert identities(await reader.claim_stale(min_idle_ms=0)) == ["2"]
    await reader.acknowledge([entries[2].id])
    assert await reader.trim() == 1
    assert identities(await reader.read(10, block_ms=0)) == ["4", "5"], "the unread was trimmed"


async def test_depth_and_age_count_what_is_not_finished(store: Redis) -> None:
    now = NOON + timedelta(seconds=60)
    reader = InboxReader(store, "one")
    assert (await reader.depth(), await reader.oldest_age(now)) == (0, 0.0)

    await fill(store, 3)
    assert (await reader.depth(), await reader.oldest_age(now)) == (3, 60.0), "no group yet: all are waiting"
    await reader.ensure_group()
    entries = await reader.read(2, block_ms=0)
    await reader.acknowledge([entries[0].id])
    assert (await reader.depth(), await reader.oldest_age(now)) == (2, 59.0)
    await reader.acknowledge([entries[1].id])
    assert (await reader.depth(), await reader.oldest_age(now)) == (1, 58.0)
    [last] = await reader.read(2, block_ms=0)
    await reader.acknowledge([last.id])
    await reader.trim()
    assert (await reader.depth(), await reader.oldest_age(now)) == (0, 0.0)


async def test_a_store_that_is_away_is_said_so() -> None:
    client = connect(store_url(free_port()))
    reader = InboxReader(client, "one")
    for call in (
        reader.ensure_group(),
        reader.read(1, 0),
        reader.claim_stale(0),
        reader.trim(),
        reader.depth(),
    ):
        with pytest.raises(StoreUnavailable):
            await call
    await client.aclose()
