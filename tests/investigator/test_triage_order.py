"""Promise 3: duplicates, late and out-of-order deliveries leave what one clean, ordered delivery leaves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from investigator.catalog import Catalog
from investigator.delivery import Delivery
from investigator.inbox_reader import Entry
from investigator.memory_books import MemoryBooks
from investigator.models.incident import Incident
from investigator.models.sentry import SentryIssue
from investigator.standing import as_sentry_says
from investigator.triage_batch import triage_batch

T0 = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Sent:
    """A webhook as Sentry sends it. `key` is what Sentry's newer versions add."""

    body: dict[str, Any]
    key: str | None = None

    def delivery(self, received_at: datetime) -> Delivery:
        headers = {"idempotency-key": self.key} if self.key else {}
        return Delivery(json.dumps(self.body).encode(), headers, received_at)


class Sentry:
    """What happens to one issue, minute by minute, and the webhooks that Sentry sends about it."""

    def __init__(self, issue_id: str, *, keys: bool) -> None:
        self.issue_id = issue_id
        self.keys = keys
        self.minute = 0
        self.events = 0
        self.status = "unresolved"
        self.substatus: str | None = "new"
        self.last_seen = T0
        self.sent: list[Sent] = []

    def send(self, body: dict[str, Any]) -> None:
        whole = {"installation": {"uuid": "u"}, **body}
        self.sent.append(Sent(whole, f"key-{self.issue_id}-{len(self.sent)}" if self.keys else None))

    def issue(self, action: str) -> None:
        self.send({"action": action, "data": {"issue": self.group()}})

    def activity(self, kind: str) -> None:
        data = {"issue": self.group(), "activity": {"type": kind}, "alert": {"title": "rule"}}
        self.send({"action": "triggered", "data": data})

    def group(self) -> dict[str, Any]:
        return {
            "id": self.issue_id,
            "title": "KeyError",
            "project": {"slug": "web"},
            "status": self.status,
            "substatus": self.substatus,
            "count": str(self.events),
            "firstSeen": T0.isoformat(),
            "lastSeen": self.last_seen.isoformat(),
        }

    def event(self, *, alert: bool = True, rules: int = 1) -> None:
        self.events += 1
        self.last_seen = T0 + timedelta(minutes=self.minute)
        happened = {
            "event_id": f"{self.issue_id}e{self.events}",
            "issue_id": self.issue_id,
            "project": 1,
            "timestamp": self.last_seen.timestamp(),
        }
        if alert:
            for rule in range(rules):
                self.send({"action": "triggered", "data": {"event": happened, "triggered_rule": f"{rule}"}})

    def create(self, rules: int) -> None:
        self.event(alert=False)
        self.issue("created")
        self.events -= 1
        self.event(rules=rules)

    def come_back(self, substatus: str, rules: int) -> None:
        self.event(alert=False)
        self.status, self.substatus = "unresolved", substatus
        self.issue("unresolved")
        self.activity("status_regression" if substatus == "regressed" else "status_escalating")
        self.events -= 1
        self.event(rules=rules)

    def settle(self, action: str) -> None:
        self.status, self.substatus = ("resolved", None) if action == "resolved" else ("ignored", "archived")
        self.issue(action)
        if action == "resolved":
            self.activity("status_resolved")

    def quietly_unresolve(self) -> None:
        self.status, self.substatus = "unresolved", "ongoing"
        self.issue("unresolved")

    def chatter(self) -> None:
        self.issue("assigned")
        data = {"comment_id": self.minute, "issue_id": int(self.issue_id), "comment": "looking"}
        self.send({"action": "created", "data": data})


MOVES = ["event", "event", "error", "chatter", "resolved", "ignored", "archived", "ongoing"]


@st.composite
def histories(draw: st.DrawFn, issue_id: str = "10") -> Sentry:
    """A life of an issue: it begins, goes on, is settled, comes back."""
    sentry = Sentry(issue_id, keys=draw(st.booleans()))
    sentry.create(rules=draw(st.integers(1, 3)))
    for move in draw(st.lists(st.sampled_from(MOVES), max_size=8)):
        sentry.minute += draw(st.integers(1, 90))
        if sentry.status != "unresolved" and move in {"event", "error"}:
            back = "regressed" if sentry.status == "resolved" else "escalating"
            sentry.come_back(back, rules=draw(st.integers(1, 2)))
        elif move == "event":
            sentry.event(rules=draw(st.integers(1, 2)))
        elif move == "chatter":
            sentry.chatter()
        elif move == "ongoing" and sentry.status != "unresolved":
            continue
        elif move in {"resolved", "ignored", "archived"} and sentry.status == "unresolved":
            sentry.settle(move)
    return sentry


def incidents_of(sent: Sequence[Sent], batch: int, *, asked: Sentry | None = None) -> list[Incident]:
    """What the whole path makes of these deliveries, one a second, in batches; `asked` answers re-GETs."""
    books = MemoryBooks()
    received = T0 + timedelta(days=30)
    entries = [
        Entry(f"{number}-0", one.delivery(received + timedelta(seconds=number)))
        for number, one in enumerate(sent)
    ]

    async def run() -> None:
        for start in range(0, len(entries), batch):
            await triage_batch(books, entries[start : start + batch], Catalog())

    asyncio.run(run())
    found = books.current()
    if asked:
        answer = SentryIssue(id=asked.issue_id, status=asked.status)
        found = [as_sentry_says(incident, answer, received) for incident in found]
    return sorted(found, key=lambda incident: (incident.issue_ids, incident.episode))


def facts(incidents: Sequence[Incident]) -> list[tuple[object, ...]]:
    return [(i.issue_ids, i.episode, i.status, i.events) for i in incidents]


@given(data=st.data(), history=histories(), batch=st.integers(1, 7))
@settings(max_examples=60, deadline=None)
def test_any_order_and_any_copies_leave_the_same_incidents(
    data: st.DataObject, history: Sentry, batch: int
) -> None:
    clean = incidents_of(history.sent, 1, asked=history)
    copies = data.draw(st.lists(st.sampled_from(history.sent), max_size=6))
    shuffled = data.draw(st.permutations([*history.sent, *copies]))
    assert facts(incidents_of(shuffled, batch, asked=history)) == facts(clean)


@given(data=st.data(), history=histories(), batch=st.integers(1, 7))
@settings(max_examples=60, deadline=None)
def test_no_order_investigates_an_episode_twice_or_loses_the_one_that_goes_on(
    data: st.DataObject, history: Sentry, batch: int
) -> None:
    kept = data.draw(st.lists(st.sampled_from(history.sent), min_size=1, unique_by=id))
    incidents = incidents_of(data.draw(st.permutations(kept)), batch)
    episodes = [incident.episode for incident in incidents]
    assert len(set(episodes)) == len(episodes), "two incidents carry one episode"
    assert all(len(incident.runs) <= 1 for incident in incidents)
    for incident in incidents:
        if incident.status == "open":
            assert incident.runs, f"episode {incident.episode} goes on and nobody investigates it"


def test_the_order_of_two_issues_does_not_mix_them() -> None:
    one, other = Sentry("10", keys=True), Sentry("11", keys=True)
    for sentry in (one, other):
        sentry.create(rules=1)
    other.minute = 5
    other.settle("resolved")
    woven = [*reversed(other.sent), *one.sent]
    assert [(i.issue_ids[0], i.status) for i in incidents_of(woven, 3)] == [
        ("10", "open"),
        ("11", "resolved"),
    ]


def test_replayed_bodies_are_seen_whatever_key_they_come_with() -> None:
    sentry = Sentry("10", keys=True)
    sentry.create(rules=1)
    sentry.minute = 30
    sentry.settle("resolved")
    sentry.minute = 60
    sentry.come_back("regressed", rules=1)
    clean = incidents_of(sentry.sent, 1)
    forged = [Sent(one.body, f"forged-{number}") for number, one in enumerate(sentry.sent)]
    assert facts(incidents_of([*sentry.sent, *forged], 4)) == facts(clean)
    assert [incident.status for incident in clean] == ["resolved", "open"]


def test_replays_change_nothing_even_when_copies_are_no_longer_remembered() -> None:
    sentry = Sentry("10", keys=False)
    sentry.create(rules=1)
    sentry.minute = 30
    sentry.settle("resolved")
    sentry.minute = 60
    sentry.come_back("regressed", rules=1)
    changes = [one for one in sentry.sent if "event" not in one.body["data"]]
    aged = [Sent({**one.body, "installation": {"uuid": "other"}}) for one in changes]
    clean, again = incidents_of(sentry.sent, 1), incidents_of([*sentry.sent, *aged], 1)
    assert facts(again) == facts(clean), "the record of the issue knows what is old"
