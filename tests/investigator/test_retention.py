"""What is old leaves the store, what is asked to be forgotten leaves it now, and old news stays old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from investigator import keys
from investigator.cascade.confirmed import confirm
from investigator.incidents import Incidents, UnknownIncident
from investigator.lessons import board_of
from investigator.models.cascade import Board
from investigator.models.incident import Incident, ParentMessage
from investigator.models.issue_state import Episode, IssueState, Moment
from investigator.retention import ERASED, erase, sweep
from tests.fixtures import findings as made

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
OLD = NOW - timedelta(days=500)
DAYS = 400


async def keep(store: Redis, *, incident_at: datetime, news_at: datetime, number: str = "7") -> Incident:
    """An incident of one issue, with findings and counters, as the program would have stored it."""
    incident = made.incident(
        id=number,
        issue_ids=(f"issue-{number}",),
        opened_at=incident_at,
        last_event_at=incident_at,
        parent=ParentMessage(channel="C1", ts=f"{number}.0"),
    )
    runs = tuple(run.model_copy(update={"requested_at": incident_at}) for run in incident.runs)
    incident = incident.model_copy(update={"runs": runs})
    state = IssueState(
        issue_id=incident.issue_ids[0],
        episodes=(Episode(incident_id=number, kind="created", began=Moment(at=incident_at)),),
        status_at=news_at,
    )
    await store.set(keys.incident(number), incident.model_dump_json())
    await store.zadd(keys.INCIDENTS, {number: incident_at.timestamp()})
    await store.set(keys.issue(state.issue_id), state.model_dump_json())
    await store.set(keys.thread("C1", f"{number}.0"), number)
    await store.hset(keys.incident_counts(number), mapping={"events": "3", "last": incident_at.timestamp()})
    await Incidents(store).save_findings(number, 1, made.findings())
    return incident


async def test_an_incident_whose_issues_are_quiet_leaves_no_trace(store: Redis) -> None:
    await keep(store, incident_at=OLD, news_at=OLD)
    assert (await sweep(store, now=NOW, days=DAYS))["gone"] == 1
    assert await store.keys("*") == []


async def test_a_young_incident_is_kept(store: Redis) -> None:
    await keep(store, incident_at=NOW - timedelta(days=10), news_at=NOW)
    before = sorted(await store.keys("*"))
    await sweep(store, now=NOW, days=DAYS)
    assert sorted(await store.keys("*")) == before


async def test_while_its_issue_has_news_only_the_content_leaves(store: Redis) -> None:
    kept = await keep(store, incident_at=OLD, news_at=NOW - timedelta(days=1))
    assert (await sweep(store, now=NOW, days=DAYS))["stub"] == 1
    stub = await Incidents(store).get(kept.id)
    assert (stub.title, stub.event, stub.issue) == (ERASED, None, None)
    assert await Incidents(store).findings(kept.id, 1) is None
    assert await store.exists(keys.issue(kept.issue_ids[0])), "an old webhook would open the issue again"
    assert (await sweep(store, now=NOW, days=DAYS))["kept"] == 1, "a stub is not made twice"


async def test_what_somebody_wants_forgotten_is_forgotten_now(store: Redis) -> None:
    kept = await keep(store, incident_at=NOW, news_at=NOW)
    await erase(store, kept.id)
    document = await store.get(keys.incident(kept.id))
    assert document is not None
    assert kept.title.encode() not in document
    assert await Incidents(store).findings(kept.id, 1) is None
    assert all(run.state == "done" for run in (await Incidents(store).get(kept.id)).runs)


async def test_names_and_addresses_of_people_go_with_what_is_erased(store: Redis) -> None:
    kept = await keep(store, incident_at=NOW, news_at=NOW)
    await store.set(keys.slack_name("U1"), "Ada")
    await store.set(keys.slack_address("ada@acme.com"), "U1")
    await erase(store, kept.id)
    assert not await store.keys("slack:*")


async def test_forgetting_what_is_not_there_says_so(store: Redis) -> None:
    with pytest.raises(UnknownIncident, match="#99"):
        await erase(store, "99")


async def test_old_entries_of_journals_leave_too(store: Redis) -> None:
    for moment in (OLD, NOW):
        await store.xadd(keys.AUDIT, {"who": "U1"}, id=f"{int(moment.timestamp() * 1000)}-0")
    await sweep(store, now=NOW, days=DAYS)
    assert await store.xlen(keys.AUDIT) == 1


async def test_what_peoples_word_on_it_has_taught_is_erased_with_an_incident(store: Redis) -> None:
    await keep(store, incident_at=NOW, news_at=NOW)
    board = confirm(Board(), "7", "payments", ["web", "orders"], at=NOW)
    board = confirm(board, "8", "ledger", ["web"], at=NOW)
    await store.set(keys.BOARD, board.model_dump_json())
    await erase(store, "7")
    assert [one.incident for one in (await board_of(store)).confirmed] == ["8"]


async def test_reasons_that_people_typed_go_by_age_and_when_asked(store: Redis) -> None:
    kept = await keep(store, incident_at=NOW, news_at=NOW)
    fields: dict[Any, Any] = {"kind": "thumbs", "run": "1", "value": "down", "by": "U1"}
    old = f"{int(OLD.timestamp() * 1000)}-0"
    await store.xadd(keys.QUALITY_EVENTS, {**fields, "incident": kept.id, "reason": "long ago"}, id=old)
    await store.xadd(keys.QUALITY_EVENTS, {**fields, "incident": kept.id, "reason": "it named Ada"})
    await store.xadd(keys.QUALITY_EVENTS, {**fields, "incident": kept.id})
    await store.xadd(keys.QUALITY_EVENTS, {**fields, "incident": "8", "reason": "another's"})
    await sweep(store, now=NOW, days=DAYS)
    assert await store.xlen(keys.QUALITY_EVENTS) == 3, "what is old stayed"
    await erase(store, kept.id)
    left: Any = await store.xrange(keys.QUALITY_EVENTS)
    assert [(each[b"incident"], each.get(b"reason")) for _, each in left] == [
        (kept.id.encode(), None),
        (b"8", b"another's"),
    ]
