"""From understood deliveries to what must change: dedupe, order, lifecycle. Pure.

`plan` looks at a batch in the order of the inbox, against what was known before it, and says which episodes
begin, which alerts only count, and which issues were settled. `triage_batch` has the episodes grouped into
incidents and carries it all to the books.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from investigator import lifecycle
from investigator.delivery import Delivery
from investigator.desk import Desk
from investigator.inbox_reader import Entry
from investigator.models.cascade import Board
from investigator.models.issue_state import Episode, IssueState
from investigator.models.sentry import Notice
from investigator.opening import project_of
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
        if by_content is None or (self.delivery.key and not opens):
            return (self.delivery.identity,)
        return (self.delivery.identity, by_content)


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known before a batch: identity → inbox entry that brought it, issue id → state."""

    seen: Mapping[str, str]
    states: Mapping[str, IssueState]


@dataclass(frozen=True, slots=True)
class Opening:
    """An episode that begins with `item`, known by `key`. One that is `over` is not investigated."""

    key: str
    item: Understood
    over: bool


@dataclass(slots=True)
class Plan:
    """What a batch changes. `touched` are issues whose incidents must be brought in line with their state.

    `opened` are new episodes, `better` those of which a delivery brought the first event, and `moved_on`
    those that turn out to have begun at another time. `counted` is by episode, `heard` by project: when its
    newest webhook came. `told` says how many deliveries each episode got, `ignored` why the others had no
    effect: together they are all. Episodes are named by their alert key.
    """

    seen: dict[str, str] = field(default_factory=dict)
    states: dict[str, IssueState] = field(default_factory=dict)
    opened: list[Opening] = field(default_factory=list)
    better: dict[str, Understood] = field(default_factory=dict)
    moved_on: set[str] = field(default_factory=set)
    counted: dict[str, Episode] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    heard: dict[str, datetime] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    board: Board | None = None  # when episodes were grouped, the new one
    desk: Desk = field(default_factory=Desk)  # and the documents that say so

    @property
    def regroups(self) -> bool:
        return bool(self.opened or self.better or self.moved_on)


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


def plan(batch: Sequence[Understood], memory: Memory) -> Plan:
    """Decide what a batch means for its issues; which incidents their episodes belong to is decided after."""
    result = Plan()
    for item in batch:
        _decide(item, memory, result)
    return result


def _decide(item: Understood, memory: Memory, result: Plan) -> None:
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
    _apply(item, state, lifecycle.decide(state, notice, item.delivery.received_at), result)


def _apply(item: Understood, before: IssueState, decision: lifecycle.Decision, result: Plan) -> None:
    state, key = decision.state, None
    if decision.step in {"open", "record"}:
        key = f"{state.issue_id}@{item.entry}"
        state = state.with_key(key)
        result.opened.append(Opening(key, item, decision.step == "record"))
    elif decision.told is not None:
        key = state.episodes[decision.told].alert_key
    if decision.step in {"open", "record", "known", "settle"}:
        result.touched.add(state.issue_id)
    if key is None:
        result.ignored[decision.reason] += 1
    else:
        result.told[key] += 1
        if item.notice.event and not state.is_whole(key):
            result.better[key] = item
            state = state.with_whole(key)
    known = {episode.alert_key: episode for episode in before.episodes}
    for episode in state.episodes:
        earlier = known.get(episode.alert_key)
        if episode.events != (earlier.events if earlier else 0):
            result.counted[episode.alert_key] = episode
        if earlier and earlier.began.at != episode.began.at:
            result.moved_on.add(episode.alert_key)
    result.states[state.issue_id] = state
