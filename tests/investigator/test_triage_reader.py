"""The reader against a real store: whatever moment it dies at, nothing is lost and nothing done twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime
from typing import Any

import pytest
import redis
import redis.asyncio

from investigator import keys
from investigator.catalog import Catalog
from investigator.inbox_reader import Entry, InboxReader
from investigator.incidents import Incidents
from investigator.lease import Lease, LeaseLost
from investigator.queue import Jobs, queue
from investigator.store import connect_sync
from investigator.triage_reader import TriageReader
from tests.fixtures.webhook import put


@pytest.fixture
def blocking(store_url: str) -> Iterator[redis.Redis]:
    with connect_sync(store_url) as client:
        yield client


class Stage:
    """A store with deliveries in it, and readers that look at them."""

    def __init__(self, store: redis.asyncio.Redis, blocking: redis.Redis) -> None:
        self.store = store
        self.blocking = blocking
        self.incidents = Incidents(store)

    async def deliver(self, action: str = "created", issue_id: str = "10", **fields: object) -> None:
        data = {
            "id": issue_id,
            "title": "KeyError: 'total'",
            "status": "unresolved",
            "project": {"slug": "web"},
        }
        body = {"action": action, "installation": {"uuid": "u"}, "data": {"issue": data | fields}}
        await self.put(json.dumps(body).encode())

    async def put(self, body: bytes) -> None:
        await put(self.store, body)

    async def reader(
        self, name: str = "one", jobs: Jobs | None = None, inbox: InboxReader | None = None
    ) -> TriageReader:
        inbox = inbox or InboxReader(self.store, name)
        await inbox.ensure_group()
        reader = TriageReader(self.store, inbox, Catalog(), self.incidents, jobs or Jobs(self.blocking))
        assert await reader.take_over()
        return reader

    def jobs(self) -> list[str]:
        return sorted(queue(self.blocking).get_job_ids())

    async def pending(self) -> int:
        return int((await self.store.xpending(keys.INBOX, keys.INBOX_GROUP))["pending"])


@pytest.fixture
def stage(store: redis.asyncio.Redis, blocking: redis.Redis) -> Stage:
    return Stage(store, blocking)


async def test_a_new_issue_becomes_an_incident_and_one_job(stage: Stage) -> None:
    await stage.deliver()
    await (await stage.reader()).read_once(block_ms=10)
    [incident] = await stage.incidents.recent()
    assert incident.title == "KeyError: 'total'"
    assert stage.jobs() == [f"investigate-{incident.id}-1"]
    assert await stage.pending() == 0


async def test_more_news_of_an_open_issue_only_counts(stage: Stage) -> None:
    await stage.deliver()
    reader = await stage.reader()
    await reader.read_once(block_ms=10)
    for number in range(3):
        body = {
            "action": "triggered",
            "installation": {"uuid": "u"},
            "data": {"event": {"event_id": f"e{number}", "issue_id": "10"}, "triggered_rule": "r"},
        }
        await stage.put(json.dumps(body).encode())
    await reader.read_once(block_ms=10)
    [incident] = await stage.incidents.recent()
    assert incident.events == 3, "the first of them is what `created` told of"
    assert stage.jobs() == ["investigate-1-1", "refresh-1"]


async def test_a_resolved_issue_resolves_its_incident(stage: Stage) -> None:
    await stage.deliver()
    await stage.deliver("resolved", status="resolved")
    await (await stage.reader()).read_once(block_ms=10)
    [incident] = await stage.incidents.recent()
    assert (incident.status, incident.resolved_by) == ("resolved", "Sentry")


class DyingJobs(Jobs):
    """Stands for a reader that is killed after the decision was written and before the job exists."""

    async def investigate(self, incident_id: str, run: int, *, at: datetime | None = None) -> bool:
        raise SystemExit("killed")


async def test_a_reader_killed_between_decision_and_job_loses_neither(stage: Stage) -> None:
    await stage.deliver()
    dying = await stage.reader("dying", DyingJobs(stage.blocking))
    with pytest.raises(SystemExit):
        await dying.read_once(block_ms=10)
    assert stage.jobs() == []
    await stage.store.delete(keys.TRIAGE_LEASE)  # its lease runs out
    heir = await stage.reader("heir")
    await heir.read_once(block_ms=10)
    assert [incident.id for incident in await stage.incidents.recent()] == ["1"], "one issue, one incident"
    assert stage.jobs() == ["investigate-1-1"]
    assert await stage.pending() == 0


async def test_a_reader_that_lost_its_lease_writes_nothing(stage: Stage) -> None:
    reader = await stage.reader()
    await stage.store.set(keys.TRIAGE_LEASE, "somebody else")
    await stage.deliver()
    with pytest.raises(LeaseLost):
        await reader.read_once(block_ms=10)
    assert await stage.incidents.recent() == []
    assert await stage.pending() == 1, "the delivery waits for the new reader"


class Stop:
    """Where a reader is stopped, as by SIGSTOP, until somebody lets it go on."""

    def __init__(self) -> None:
        self.reached, self.over = asyncio.Event(), asyncio.Event()

    async def __call__(self) -> None:
        self.reached.set()
        await self.over.wait()


class StoppedInbox(InboxReader):
    stop: Stop

    async def read(self, count: int, block_ms: int) -> list[Entry]:
        entries = await super().read(count, block_ms)
        await self.stop()
        return entries


class StoppedJobs(Jobs):
    stop: Stop

    async def investigate(self, incident_id: str, run: int, *, at: datetime | None = None) -> bool:
        await self.stop()
        return await super().investigate(incident_id, run, at=at)


@pytest.mark.parametrize("where", ["with the batch in hand", "with the decision written"])
async def test_a_reader_that_was_stopped_and_goes_on_doubles_nothing(stage: Stage, where: str) -> None:
    stop, inbox, jobs = Stop(), StoppedInbox(stage.store, "stopped"), StoppedJobs(stage.blocking)
    inbox.stop = jobs.stop = stop
    await stage.deliver()
    early = where == "with the batch in hand"
    stopped = await stage.reader("stopped", None if early else jobs, inbox if early else None)
    reading = asyncio.create_task(stopped.read_once(block_ms=10))
    await stop.reached.wait()

    await stage.store.delete(keys.TRIAGE_LEASE)  # it runs out
    heir = await stage.reader("heir")
    await heir.read_once(block_ms=10)
    await stage.deliver("unresolved", substatus="regressed", lastSeen="2026-11-24T04:00:00Z")
    await heir.read_once(block_ms=10)
    before = await stage.incidents.recent(), stage.jobs(), await stage.pending()
    stop.over.set()
    with pytest.raises(LeaseLost) if early else nullcontext():
        await reading

    assert (await stage.incidents.recent(), stage.jobs(), await stage.pending()) == before
    assert stage.jobs()[:2] == ["investigate-1-1", "investigate-2-1"]
    assert before[2] == 0, "the heir did not get what the stopped one held"


async def test_what_cannot_be_understood_is_set_aside_with_the_reason(stage: Stage) -> None:
    await stage.put(b"[1, 2]")
    await stage.deliver()
    await (await stage.reader()).read_once(block_ms=10)
    kept: Any = await stage.store.xrange(keys.INBOX_DEAD)
    [(_, dead)] = kept
    assert dead[b"body"] == b"[1, 2]"
    assert dead[b"reason"]
    assert len(await stage.incidents.recent()) == 1, "the rest of the batch is not held up"


async def test_a_second_reader_stands_by_until_the_lease_is_free(stage: Stage) -> None:
    first, second = (Lease(stage.store, "lease:test") for _ in range(2))
    assert await first.hold()
    assert not await second.hold()
    await first.release()
    assert await second.hold()
    assert not await first.hold()


async def test_news_that_comes_while_the_parent_is_being_edited_is_shown_afterwards(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("investigator.parent_edits.SAME_EVERY_SECONDS", 0.0)
    monkeypatch.setattr("investigator.parent_edits.COUNTERS_EVERY_SECONDS", 0.0)
    await stage.deliver()
    reader = await stage.reader()
    await reader.read_once(block_ms=10)
    for event in ("first", "second"):  # the edit for the first is under way when the second comes
        body = {"action": "triggered", "data": {"event": {"event_id": event, "issue_id": "10"}}}
        await stage.put(json.dumps(body | {"installation": {"uuid": "u"}}).encode())
        await reader.read_once(block_ms=10)
    edit = queue(stage.blocking).fetch_job("refresh-1")
    assert edit is not None
    edit.delete()  # done
    await reader.read_once(block_ms=10)
    assert "refresh-1" in stage.jobs(), "what came during the edit was never shown"
