"""From understood deliveries to what must change: dedupe, order, lifecycle. Pure.

`plan` looks at a batch in the order of the inbox, against what was known before it, and says which incidents
open, which alerts only count, and which issues were settled. `triage_batch` carries it to the books.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from investigator import lifecycle
from investigator.catalog import Catalog
from investigator.delivery import Delivery
from investigator.inbox_reader import Entry
from investigator.models.incident import Incident
from investigator.models.issue_state import Episode, IssueState
from investigator.models.sentry import Notice, SentryEvent
from investigator.opening import new_incident, project_of
from investigator.sentry.identity import semantic_identity
from investigator.sentry.parse import parse_headline

DUPLICATE = "duplicate"


@dataclass(frozen=True)
class Understood:
    """A delivery of the inbox and its headline. `entry` is its place in the inbox."""

    entry: str
    delivery: Delivery
    notice: Notice

    @cached_property
    def identities(self) -> tuple[str, ...]:
        """Everything under which a second copy of the same news would be recognised.

        An event is known by its id, whichever rules and resources tell of it. Everything that could open an
        incident is also known by its signed content, because a replayed body can come with any key. A change
        that only settles has no id of its own in the body: where Sentry sends a key, that is the better one.
        """
        notice = self.notice
        if notice.event and notice.event.event_id and notice.issue_id:
            return (self.delivery.identity, f"event:{notice.issue_id}:{notice.event.event_id}")
        by_content = semantic_identity(notice)
        opens = notice.action in {"created", "unresolved"} or notice.resource == "activity_alert"
        if by_content is None or ("idempotency-key" in self.delivery.headers and not opens):
            return (self.delivery.identity,)
        return (self.delivery.identity, by_content)


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known before a batch: identity → inbox entry that brought it, issue id → state."""

    seen: Mapping[str, str]
    states: Mapping[str, IssueState]


@dataclass(frozen=True, slots=True)
class Opening:
    """An incident that begins with `item`. One that is `over` is recorded and not investigated."""

    id: str
    item: Understood
    state: IssueState
    number: int
    over: bool

    def incident(self, catalog: Catalog, event: SentryEvent | None) -> Incident:
        """`event` is the whole one of the delivery."""
        at, issue = self.item.delivery.received_at, self.item.notice.issue
        incident = new_incident(
            self.id,
            state=self.state,
            service=catalog.service_of(project_of(event, issue)),
            event=event,
            issue=issue,
            at=at,
            opened_by=self.item.delivery.identity,
        )
        update: dict[str, object] = {"episode": self.number}
        if self.over:
            update |= {"runs": (), "status": "resolved", "resolved_at": at, "resolved_by": "Sentry"}
        return incident.model_copy(update=update)


@dataclass(slots=True)
class Plan:
    """What a batch changes. `touched` are issues whose incidents must be brought in line with their state.

    `counted` is by incident, `heard` by project: when its newest webhook came. `told` says how many
    deliveries each incident got, `ignored` why the others had no effect: together they are all.
    """

    seen: dict[str, str] = field(default_factory=dict)
    states: dict[str, IssueState] = field(default_factory=dict)
    opened: list[Opening] = field(default_factory=list)
    counted: dict[str, Episode] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    heard: dict[str, datetime] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    incidents: list[Incident] = field(default_factory=list)  # of `opened`, with all that is known


def without_copies(entries: Iterable[Entry], seen: Mapping[str, str]) -> list[Entry]:
    """Entries that are not, byte for byte or by Sentry's key, copies of others; no body is looked into."""
    first: dict[str, str] = {}
    for entry in entries:
        identity = entry.delivery.identity
        first.setdefault(identity, seen.get(identity, entry.id))
    return [entry for entry in entries if first[entry.delivery.identity] == entry.id]


def understand(entry: Entry) -> Understood:
    """Raises: BadPayload."""
    return Understood(entry.id, entry.delivery, parse_headline(entry.delivery.body))


def plan(batch: Sequence[Understood], memory: Memory, ids: Iterator[str]) -> Plan:
    """Decide a batch. `ids` gives one id for each incident that opens."""
    result = Plan()
    for item in batch:
        _decide(item, memory, ids, result)
    return result


def _decide(item: Understood, memory: Memory, ids: Iterator[str], result: Plan) -> None:
    notice, issue_id = item.notice, item.notice.issue_id
    if item.delivery.origin == "webhook" and (project := project_of(notice.event, notice.issue)):
        result.heard[project] = item.delivery.received_at
    identities = item.identities
    bringer = next(
        (found for key in identities if (found := result.seen.get(key) or memory.seen.get(key))), None
    )
    if bringer == item.entry and issue_id:
        # We died between deciding and acting on it: act now.
        result.touched.add(issue_id)
        return
    # Copies are remembered as well: with another key the next one need not be looked into.
    result.seen.update(dict.fromkeys(identities, bringer or item.entry))
    if bringer is not None:
        result.ignored[DUPLICATE] += 1
        return
    if issue_id is None:
        result.ignored[f"{notice.resource}.{notice.action or 'unknown'} names no issue"] += 1
        return
    state = result.states.get(issue_id) or memory.states.get(issue_id) or IssueState(issue_id=issue_id)
    _apply(item, state, lifecycle.decide(state, notice, item.delivery.received_at), ids, result)


def _apply(
    item: Understood, before: IssueState, decision: lifecycle.Decision, ids: Iterator[str], result: Plan
) -> None:
    state = decision.state
    if decision.step in {"open", "record"}:
        opening_id, place = next(ids), decision.told or 0
        state = state.with_incident(opening_id)
        over = decision.step == "record"
        result.opened.append(Opening(opening_id, item, state, state.number(place), over))
    if decision.step in {"open", "record", "known", "settle"}:
        result.touched.add(state.issue_id)
    if decision.told is None:
        result.ignored[decision.reason] += 1
    else:
        result.told[state.episodes[decision.told].incident_id] += 1
    known = {episode.incident_id: episode.events for episode in before.episodes}
    for episode in state.episodes:
        if episode.events != known.get(episode.incident_id, 0):
            result.counted[episode.incident_id] = episode
    result.states[state.issue_id] = state
