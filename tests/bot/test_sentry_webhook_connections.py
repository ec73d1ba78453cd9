"""However a sender treats its connection: what came whole is kept, and nothing else is waited for."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from redis.asyncio import Redis

from bot.request_body import BodyReader
from investigator.delivery_codec import Fields
from investigator.durability import Durability
from investigator.inbox import Inbox
from investigator.inbox_writer import InboxWriter
from investigator.spool import Spool
from tests.fixtures.webhook import BODY, Serve, Webhook, deliveries, inbox_on
from tests.fixtures.webhook_bytes import GZIPPED, chunked, exchange, request


async def test_what_is_sent_without_waiting_for_answers_is_answered_in_order(
    webhook: Webhook, store: Redis
) -> None:
    other = b'{"n":2}'
    sent = [
        request(),
        request(signed=other),
        chunked(other),
        request(gzip.compress(BODY), GZIPPED, signed=BODY),
    ]
    reader, writer = await asyncio.open_connection(port=urlsplit(webhook.url).port, host="127.0.0.1")
    writer.write(b"".join(sent))
    statuses = []
    for _ in sent:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        statuses.append(int(head.split()[1]))
        await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split()[0]))
    writer.close()
    assert statuses == [200, 401, 200, 200]
    assert [kept.body for kept in await deliveries(store)] == [BODY, other, BODY]


class HeldWriter(InboxWriter):
    """Stands for a store that is waited for."""

    def __init__(self, store: Redis) -> None:
        super().__init__(store, Durability())
        self.asked, self.answers, self.done = (asyncio.Event() for _ in range(3))

    async def write(self, deliveries: Sequence[Fields], seconds: float) -> None:
        self.asked.set()
        await self.answers.wait()
        await super().write(deliveries, seconds)
        self.done.set()


async def test_who_hangs_up_while_the_store_is_waited_for_has_been_heard(
    serve: Serve, store: Redis, spool: Spool
) -> None:
    writer = HeldWriter(store)
    webhook = await serve(Inbox(writer, spool))
    _, sender = await asyncio.open_connection(port=urlsplit(webhook.url).port, host="127.0.0.1")
    sender.write(request())
    await asyncio.wait_for(writer.asked.wait(), 5)
    sender.transport.abort()
    await asyncio.sleep(0.05)  # the server, on the same loop, finds out
    writer.answers.set()
    await asyncio.wait_for(writer.done.wait(), 5)
    assert [kept.body for kept in await deliveries(store)] == [BODY]
    assert (await exchange(webhook, request()))[0] == 200


async def test_a_body_that_never_ends_is_not_waited_for(serve: Serve, store: Redis, spool: Spool) -> None:
    webhook = await serve(inbox_on(store, spool), reader=BodyReader(seconds=0.2))
    started = time.monotonic()
    status, answer = await exchange(webhook, request(BODY, length=1000))
    assert status == 408
    assert b"did not arrive" in answer
    assert time.monotonic() - started < 2
    assert await deliveries(store) == []


async def test_a_sender_that_hangs_up_half_way_leaves_nothing_behind(webhook: Webhook, store: Redis) -> None:
    status, _ = await exchange(webhook, request(BODY, length=1000), hang_up=True)
    assert status in (None, 400)
    assert await deliveries(store) == []
