"""From understood deliveries to what must change: dedupe, order, lifecycle. Pure.

`plan` looks at a batch in the order of the inbox, against what was known before it, and says which incidents
open, which alerts only count, and which issues were settled. `triage_reader` carries the plan out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from investigator import lifecycle
from investigator.catalog import Catalog
from investigator.delivery import Delivery
from investigator.models.incident import Incident, IssueState
from investigator.models.sentry import Notice
from investigator.opening import new_incident, project_of
from investigator.sentry.identity import semantic_identity


@dataclass(frozen=True, slots=True)
class Understood:
    """A delivery of the inbox and what it says. `entry` is its place in the inbox."""

    entry: str
    delivery: Delivery
    notice: Notice

    @property
    def identities(self) -> tuple[str, ...]:
        """Everything under which a second copy of the same news would be recognised.

        Several alert rules matching one event make deliveries with different keys, so alerts are also known
        by the event they are about. An issue's change has no id of its own in the body: where Sentry sends a
        key, the key is the better identity.
        """
        by_content = semantic_identity(self.notice)
        if by_content is None:
            return (self.delivery.identity,)
        if self.notice.event is None and "idempotency-key" in self.delivery.headers:
            return (self.delivery.identity,)
        return (self.delivery.identity, by_content)


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known before a batch: identity → inbox entry that brought it, issue id → state."""

    seen: Mapping[str, str]
    states: Mapping[str, IssueState]


@dataclass(slots=True)
class Plan:
    """What a batch changes. `touched` are issues whose incident must be brought in line with their state."""

    seen: dict[str, str] = field(default_factory=dict)
    states: dict[str, IssueState] = field(default_factory=dict)
    opened: list[Incident] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    last_event_at: dict[str, datetime] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    ignored: Counter[str] = field(default_factory=Counter)


def plan(batch: Sequence[Understood], memory: Memory, catalog: Catalog, ids: Iterator[str]) -> Plan:
    """Decide a batch. `ids` gives one id for each incident that opens."""
    result = Plan()
    for item in batch:
        _decide(item, memory, catalog, ids, result)
    return result


def _decide(item: Understood, memory: Memory, catalog: Catalog, ids: Iterator[str], result: Plan) -> None:
    notice, issue_id = item.notice, item.notice.issue_id
    bringer = next(
        (found for key in item.identities if (found := result.seen.get(key) or memory.seen.get(key))), None
    )
    if bringer == item.entry and issue_id:
        # We died between deciding and acting on it: act now.
        result.touched.add(issue_id)
        return
    if bringer is not None:
        result.ignored["duplicate"] += 1
        return
    result.seen.update(dict.fromkeys(item.identities, item.entry))
    if issue_id is None:
        result.ignored[f"{notice.resource}.{notice.action or 'unknown'} names no issue"] += 1
        return
    state = result.states.get(issue_id) or memory.states.get(issue_id) or IssueState(issue_id=issue_id)
    decision = lifecycle.decide(state, notice, item.delivery.received_at)
    _apply(item, decision, catalog, ids, result)


def _apply(
    item: Understood, decision: lifecycle.Decision, catalog: Catalog, ids: Iterator[str], result: Plan
) -> None:
    state, at = decision.state, item.delivery.received_at
    if decision.step == "open":
        event, issue = item.notice.event, item.notice.issue
        incident = new_incident(
            next(ids),
            state=state,
            service=catalog.service_of(project_of(event, issue)),
            event=event,
            issue=issue,
            at=at,
            opened_by=item.delivery.identity,
        )
        result.opened.append(incident)
        state = state.model_copy(update={"incident_id": incident.id})
        result.touched.add(state.issue_id)
    elif decision.step == "count" and state.incident_id:
        result.counted[state.incident_id] += 1
        result.last_event_at[state.incident_id] = at
    elif decision.step in {"resolve", "silence"}:
        result.touched.add(state.issue_id)
    else:
        result.ignored[decision.reason] += 1
    result.states[state.issue_id] = state
