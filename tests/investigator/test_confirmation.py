"""What was decided or is about to be said survives a fail-over, because the replicas have it first."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from redis.asyncio import Redis

from investigator import keys
from investigator.catalog import Catalog
from investigator.confirmation import confirm
from investigator.durability import LOCAL, Durability
from investigator.embedded_store import EmbeddedStore
from investigator.errors import StoreUnavailable
from investigator.inbox_reader import InboxReader
from investigator.incidents import Incidents
from investigator.models.message import Message
from investigator.queue import Jobs, queue
from investigator.slack import Slack
from investigator.store import connect_sync
from investigator.thread import Thread
from investigator.triage_reader import TriageReader
from sandbox.slack import SlackSandbox
from tests.fixtures.webhook import put

ONE = Durability(replicas=1)
ISSUE = b'{"issue":{"id":"10","status":"unresolved"}}'
CREATED = b'{"action":"created","installation":{"uuid":"u"},"data":' + ISSUE + b"}"


@contextmanager
def frozen(server: EmbeddedStore) -> Iterator[None]:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.pid, signal.SIGCONT)


async def test_what_other_connections_wrote_before_is_confirmed_as_well(
    replicated_store: Redis, primary: EmbeddedStore, replica: EmbeddedStore
) -> None:
    with connect_sync(primary.url) as another, connect_sync(replica.url) as there:
        for number in range(20):
            another.set("job", number)
            await confirm(replicated_store, ONE)
            assert there.get("job") == str(number).encode(), "confirmed before the replica had it"


async def test_a_replica_that_is_silent_means_not_confirmed_and_no_endless_wait(
    replicated_store: Redis, replica: EmbeddedStore
) -> None:
    started = time.monotonic()
    with frozen(replica), pytest.raises(StoreUnavailable):
        await confirm(replicated_store, ONE)
    assert time.monotonic() - started < 2.5


async def test_a_store_of_ones_own_has_nobody_to_ask(store: Redis) -> None:
    await confirm(store, LOCAL)
    assert not await store.exists(keys.CONFIRMATION), "a write for nothing"


async def test_nothing_is_posted_under_a_claim_that_a_failover_could_forget(
    store: Redis, slack: Slack, slack_sandbox: SlackSandbox
) -> None:
    thread = Thread(slack, store, ONE)  # and this store has no replica
    with pytest.raises(StoreUnavailable):
        await thread.say("1:parent", Message(text="hello", blocks=()), incident="1", channel="#incidents")
    assert slack_sandbox.messages("#incidents") == []


async def test_a_batch_is_not_acknowledged_before_decision_and_job_are_confirmed(
    replicated_store: Redis, primary: EmbeddedStore, replica: EmbeddedStore
) -> None:
    inbox = InboxReader(replicated_store, "one")
    with connect_sync(primary.url) as blocking:
        jobs, incidents = Jobs(blocking), Incidents(replicated_store)
        reader = TriageReader(replicated_store, inbox, Catalog(), incidents, jobs, durability=ONE)
        assert await reader.take_over()
        await put(replicated_store, CREATED)
        with frozen(replica):
            reading = asyncio.create_task(reader.read_once(block_ms=10))
            await asyncio.to_thread(_wait_for_job, primary.url)
            await asyncio.sleep(0.3)
            assert await inbox.depth() == 1, "acknowledged, and a fail-over can still forget the incident"
        await reading
    assert await inbox.depth() == 0


def _wait_for_job(url: str) -> None:
    with connect_sync(url) as client:
        while not queue(client).get_job_ids():
            time.sleep(0.01)
