"""A storm leaves the same incidents in whatever order, how often and in what batches its webhooks come."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from investigator.catalog import parse_catalog
from investigator.delivery import Delivery
from investigator.inbox_reader import Entry
from investigator.memory_books import MemoryBooks
from investigator.models.incident import Incident
from investigator.triage_batch import triage_batch

T0 = datetime(2026, 11, 24, 14, 2, tzinfo=UTC)
CATALOG = parse_catalog(
    """
services:
  gateway: {depends_on: [orders, accounts, stock]}
  orders: {depends_on: [payments]}
  accounts: {depends_on: [payments]}
  payments: {depends_on: ["postgres:payments-db"]}
  stock: {}
"""
)
REFUSED = (
    "HTTPConnectionPool(host='payments', port=80): Max retries exceeded with url: /charge (Caused by "
    "NewConnectionError('<urllib3.connection.HTTPConnection object at 0x7f>: Failed to establish a "
    "new connection: [Errno 111] Connection refused'))"
)
SLOW = "HTTPConnectionPool(host='orders', port=80): Read timed out. (read timeout=3)"
DOWN = 'connection to server at "payments-db", port 5432 failed: Connection refused'
TROUBLE = [  # service, seconds after the first, error
    ("payments", 0, ("OperationalError", DOWN)),
    ("orders", 4, ("ConnectionError", REFUSED)),
    ("accounts", 6, ("TimeoutError", "timed out")),
    ("gateway", 9, ("ReadTimeout", SLOW)),
]
LONE = ("stock", 5, ("KeyError", "'sku'"))
CASCADE = {f"1{place}" for place in range(len(TROUBLE))}


def webhooks(issue_id: str, service: str, seconds: int, error: tuple[str, str]) -> list[dict[str, Any]]:
    """What Sentry sends of a new issue: that it was created, and an alert with the event, for two rules."""
    at = T0 + timedelta(seconds=seconds)
    kind, value = error
    issue = {
        "id": issue_id,
        "title": f"{kind}: {value}",
        "project": {"slug": service},
        "status": "unresolved",
        "count": "1",
        "firstSeen": at.isoformat(),
        "lastSeen": at.isoformat(),
    }
    event = {
        "event_id": f"e{issue_id}",
        "issue_id": issue_id,
        "url": f"https://sentry.example/api/0/projects/acme/{service}/events/e{issue_id}/",
        "timestamp": at.timestamp(),
        "title": issue["title"],
        "exception": {"values": [{"type": kind, "value": value}]},
    }
    alerts = [{"event": event, "triggered_rule": rule} for rule in ("one", "two")]
    created = {"action": "created", "data": {"issue": issue}}
    return [created, *({"action": "triggered", "data": data} for data in alerts)]


STORM = [
    body
    for place, (service, seconds, error) in enumerate(TROUBLE)
    for body in webhooks(f"1{place}", service, seconds, error)
] + webhooks("20", *LONE)


def incidents_of(bodies: Sequence[dict[str, Any]], batch: int) -> list[Incident]:
    books = MemoryBooks()
    entries = [
        Entry(f"{place}-0", Delivery(json.dumps(body).encode(), {}, T0 + timedelta(seconds=15)))
        for place, body in enumerate(bodies)
    ]

    async def run() -> None:
        for start in range(0, len(entries), batch):
            await triage_batch(books, entries[start : start + batch], CATALOG)

    asyncio.run(run())
    return [incident for incident in books.current() if incident.merged_into is None]


def groups(incidents: Sequence[Incident]) -> set[tuple[frozenset[str], str | None]]:
    """The issues of each incident, and its root."""
    return {
        (
            frozenset(incident.issue_ids),
            first.node if incident.root and (first := incident.root.first) else None,
        )
        for incident in incidents
    }


CLEAN = groups(incidents_of(STORM, 1))


def test_one_outage_is_one_incident_and_a_lone_error_stays_alone() -> None:
    found = {frozenset(incident.issue_ids): incident for incident in incidents_of(STORM, 3)}
    assert set(found) == {frozenset(CASCADE), frozenset({"20"})}
    cascade = found[frozenset(CASCADE)]
    assert len(cascade.runs) == 1, "one investigation"
    assert cascade.services == ("payments", "orders", "accounts", "gateway")
    assert cascade.events == len(CASCADE)


@given(data=st.data(), batch=st.integers(1, 8))
@settings(max_examples=40, deadline=None)
def test_any_order_any_copies_and_any_batches_leave_the_same_incidents(
    data: st.DataObject, batch: int
) -> None:
    copies = data.draw(st.lists(st.sampled_from(STORM), max_size=4))
    shuffled = data.draw(st.permutations([*STORM, *copies]))
    found = incidents_of(shuffled, batch)
    assert groups(found) == CLEAN
    assert all(len(incident.runs) == 1 for incident in found)
    assert sum(incident.events for incident in found) == len(CASCADE) + 1


@given(data=st.data())
@settings(max_examples=8, deadline=None)
def test_an_incident_is_over_when_all_its_issues_are(data: st.DataObject) -> None:
    settled = data.draw(st.sets(st.sampled_from(sorted(CASCADE))))
    later = (T0 + timedelta(minutes=2)).isoformat()
    ends = [
        {"action": "resolved", "data": {"issue": {"id": each, "status": "resolved", "lastSeen": later}}}
        for each in sorted(settled)
    ]
    [cascade] = [i for i in incidents_of([*STORM, *ends], 4) if set(i.issue_ids) == CASCADE]
    assert cascade.status == ("resolved" if settled == CASCADE else "open")
