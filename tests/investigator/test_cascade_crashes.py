"""A reader that dies in the middle of a storm leaves one incident of it, and one investigation."""

from __future__ import annotations

import json

import pytest

from investigator import keys
from investigator.catalog import Catalog
from investigator.inbox_reader import InboxReader
from investigator.incidents import Incidents
from investigator.queue import Jobs, queue
from investigator.store import connect, connect_sync
from investigator.triage_reader import TriageReader
from tests.fixtures.webhook import put
from tests.investigator.test_cascade_order import CASCADE, CATALOG, STORM
from tests.investigator.test_triage_crashes import Fuse, Killed, fused

pytestmark = pytest.mark.processes

EVERY = 7  # nth request: the whole row takes too long


async def read_all(url: str, name: str, catalog: Catalog = CATALOG) -> None:
    with connect_sync(url) as blocking:
        connection = connect(url)
        inbox = InboxReader(connection, name)
        reader = TriageReader(connection, inbox, catalog, Incidents(connection), Jobs(blocking))
        assert await reader.take_over()
        while await reader.read_once(block_ms=1):
            pass
        await connection.aclose()


async def fill(url: str) -> None:
    async with connect(url) as client:
        await client.flushall()
        for body in STORM:
            raw = json.dumps({"installation": {"uuid": "u"}, **body}).encode()
            await put(client, raw)


def waiting(url: str) -> set[str]:
    """Incidents whose investigation is asked for, now or later."""
    with connect_sync(url) as client:
        jobs = queue(client)
        asked = [*jobs.get_job_ids(), *jobs.scheduled_job_registry.get_job_ids()]
    return {job.split("-")[1] for job in asked if job.startswith("investigate-")}


async def test_wherever_a_reader_dies_the_storm_is_one_incident(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in range(1, 200, EVERY):
        await fill(store_url)
        with fused(monkeypatch, Fuse(at)):
            try:
                await read_all(store_url, "dying")
            except Killed:
                pass
            else:
                break
        async with connect(store_url) as client:
            await client.delete(keys.TRIAGE_LEASE)  # it runs out
        await read_all(store_url, "heir")
        async with connect(store_url) as client:
            incidents = Incidents(client)
            alive = [each for each in await incidents.recent() if each.merged_into is None]
            states = await incidents.issue_states([*sorted(CASCADE), "20"])
            assert not await client.exists(keys.TRIAGE_DUE), "nothing is left undone"
        assert {frozenset(each.issue_ids) for each in alive} == {frozenset(CASCADE), frozenset({"20"})}, at
        assert {state.incident_id for state in states.values()} == {each.id for each in alive}, at
        assert all(len(each.runs) == 1 for each in alive), at
        assert {each.id for each in alive} <= waiting(store_url), at
    assert at > EVERY, "the reader must have spoken to the store more often than that"
