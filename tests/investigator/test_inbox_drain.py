"""What was spooled follows to the store: in order, and no more often than needed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import pytest
from redis.asyncio import Redis

from investigator.delivery_codec import Fields, encode
from investigator.durability import Durability
from investigator.errors import StoreUnavailable
from investigator.inbox import Inbox
from investigator.inbox_writer import InboxWriter
from investigator.spool import Spool
from tests.fixtures.inbox import delivery, in_spool, in_stream
from tests.fixtures.webhook import inbox_on


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
