"""New and better known alerts of a batch, put on the board and carried over to incidents."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from investigator.bounding import bounded
from investigator.cascade.graph import Graph, graph_of
from investigator.cascade.grouping import place, settled
from investigator.cascade.signals import signals_of
from investigator.catalog import Catalog
from investigator.desk import Desk, Look
from investigator.models.alert import AlertRecord
from investigator.models.cascade import Alert, Board, Change, Group, Opened, RootRanking
from investigator.models.sentry import Notice
from investigator.opening import project_of
from investigator.regrouping import carry_out, learn
from investigator.sentry.parse import parse_notice
from investigator.triage import Plan, Understood


class Numbers(Iterator[str]):
    """Numbers for new incidents; `asked` says how many would have been needed when it is more than given."""

    def __init__(self, given: Sequence[str]) -> None:
        self._given = given
        self.asked = 0

    def __next__(self) -> str:
        self.asked += 1
        return self._given[self.asked - 1] if self.asked <= len(self._given) else f"?{self.asked}"


@dataclass(frozen=True)
class Grouping:
    """What a batch's alerts are grouped by. `at` is by the clock by which deliveries are received."""

    catalog: Catalog
    numbers: Numbers
    at: datetime
    done: set[str] = field(default_factory=set)  # alert keys

    @cached_property
    def graph(self) -> Graph:
        return graph_of(self.catalog)


async def regroup(result: Plan, look: Look, notices: Mapping[str, Notice], by: Grouping) -> None:
    """Decide which incidents the alerts of the plan belong to, and add to the plan what that changes.

    `notices` are whole ones, by inbox entry; one that is missing is read now.
    """
    desk = Desk(states=dict(result.states), fresh={o.key: not o.over for o in result.opened})
    desk.records |= _told(result, notices, by.catalog)
    desk.kept |= desk.records.keys()
    better = await _better(result, look, notices)
    board, changes = await look.board(), list[Change]()
    for alerts in _rounds(result, desk, board, better):
        # In a storm it takes long enough for a lease to run out, which is renewed meanwhile.
        board, more = await asyncio.to_thread(_placed, board, alerts, desk, by)
        changes += more
    await desk.lay_out(look, changes, board, also=_incidents_of(desk, better))
    carry_out(changes, desk, board, by.catalog, by.at)
    for record in better.values():
        learn(desk, record)
    result.board, result.desk = board, desk
    result.states |= {issue_id: desk.states[issue_id] for issue_id in desk.replaced}


def _told(result: Plan, notices: Mapping[str, Notice], catalog: Catalog) -> dict[str, AlertRecord]:
    """What is known of alerts that are new."""
    records = {}
    for opening in result.opened:
        told = _whole(opening.item, notices)
        better = result.better.get(opening.key)
        event = _whole(better, notices).event if better else told.event
        records[opening.key] = AlertRecord(
            key=opening.key,
            issue_id=opening.item.notice.issue_id or "",
            service=catalog.service_of(project_of(event, told.issue)).name,
            received_at=opening.item.delivery.received_at,
            opened_by=opening.item.delivery.identity,
            event=bounded(event) if event else None,
            issue=told.issue,
        )
    return records


async def _better(result: Plan, look: Look, notices: Mapping[str, Notice]) -> dict[str, AlertRecord]:
    """What is known of alerts that were told of before without an event, with the event."""
    fresh = {opening.key for opening in result.opened}
    known = await look.records(result.better.keys() - fresh)
    events = {key: _whole(result.better[key], notices).event for key in known}
    return {
        key: record.model_copy(update={"event": bounded(event)})
        for key, record in known.items()
        if (event := events[key])
    }


def _whole(item: Understood, notices: Mapping[str, Notice]) -> Notice:
    return notices.get(item.entry) or parse_notice(item.delivery.body)


def _incidents_of(desk: Desk, records: Mapping[str, AlertRecord]) -> set[str]:
    places = ((desk.states[r.issue_id], desk.states[r.issue_id].place(r.key)) for r in records.values())
    return {state.episodes[place].incident_id for state, place in places if place is not None}


def _rounds(result: Plan, desk: Desk, board: Board, better: Mapping[str, AlertRecord]) -> list[list[Alert]]:
    """Alerts that can be placed together: of one issue never two. First those that are on the board."""
    held = {alert.key: alert for group in board.groups for alert in group.alerts}
    again = [
        _again(held[key], desk, better.get(key))
        for key in sorted((better.keys() | result.moved_on) & held.keys())
    ]
    rounds: list[list[Alert]] = [again]
    for opening in result.opened:
        alert = alert_of(desk.records[opening.key], desk)
        if any(other.issue_id == alert.issue_id for other in rounds[-1]):
            rounds.append([])
        rounds[-1].append(alert)
    return [alerts for alerts in rounds if alerts]


def alert_of(record: AlertRecord, desk: Desk) -> Alert:
    """The alert as grouping sees it."""
    event = record.event
    return Alert(
        key=record.key,
        issue_id=record.issue_id,
        service=record.service,
        environment=event.environment if event else None,
        at=_began(record.key, record.issue_id, record.received_at, desk),
        received_at=record.received_at,
        release=event.release if event else None,
        signals=signals_of(event, record.issue),
    )


def _again(alert: Alert, desk: Desk, record: AlertRecord | None) -> Alert:
    if record:
        return alert_of(record, desk)
    at = _began(alert.key, alert.issue_id, alert.received_at, desk)
    return alert.model_copy(update={"at": at})


def _began(key: str, issue_id: str, received_at: datetime, desk: Desk) -> datetime:
    place = desk.states[issue_id].place(key)
    return received_at if place is None else min(desk.states[issue_id].episodes[place].began.at, received_at)


def _placed(board: Board, alerts: Sequence[Alert], desk: Desk, by: Grouping) -> tuple[Board, list[Change]]:
    """Of an issue only the newest episode is on the board; an older one is an incident of its own."""
    newest = [alert for alert in alerts if _is_newest(alert, desk, by.done)]
    by.done.update(alert.key for alert in alerts)
    fresh = {alert.issue_id for alert in newest if alert.key in desk.fresh}
    board, changes = place(settled(board, fresh), newest, by.graph, now=by.at, new_ids=by.numbers)
    alone = [alert for alert in alerts if alert not in newest and alert.key in desk.fresh]
    return board, [*changes, *(_alone(alert, next(by.numbers), by.at) for alert in alone)]


def _is_newest(alert: Alert, desk: Desk, done: Collection[str]) -> bool:
    """Whether nothing is known yet of a later episode; it is, if its incident or place was decided before."""
    state = desk.states[alert.issue_id]
    later = state.episodes[(state.place(alert.key) or 0) + 1 :]
    return not any(episode.incident_id or episode.alert_key in done for episode in later)


def _alone(alert: Alert, number: str, at: datetime) -> Opened:
    group = Group(incident_id=number, opened_at=at, investigate_at=at, alerts=(alert,), ranking=RootRanking())
    return Opened(group=group)
