"""From what grouping decided to documents that say so: incidents, and the episodes that are in them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from investigator.bounding import bounded
from investigator.cascade.revising import PATIENCE
from investigator.catalog import Catalog
from investigator.desk import Desk
from investigator.models.alert import AlertRecord
from investigator.models.cascade import Board, Change, Group, Joined, Merged, Moved, Opened, RootMoved
from investigator.models.incident import Incident, Member, Run
from investigator.models.issue_state import IssueState
from investigator.opening import new_incident

MEMBERS = 1000  # of one incident
STORM_ALERTS = 3  # of one incident, the newest of them within …
STORM_LASTS = timedelta(minutes=1)
_OF_THE_FIRST = (
    "service",
    "project",
    "title",
    "level",
    "environment",
    "web_url",
    "short_id",
    "event",
    "issue",
    "episode",
)


def carry_out(changes: Sequence[Change], desk: Desk, board: Board, catalog: Catalog, at: datetime) -> None:
    """Carry out changes on the desk in their order; documents that are not there are left alone.

    `board` is what the changes led to, `at` when they were decided.
    """
    firsts = {number: i.members[0].key for number, i in desk.incidents.items() if i.members}
    for change in changes:
        match change:
            case Opened(group=group):
                _open(desk, group, board, catalog)
            case Joined(incident_id=number, alert=alert):
                if record := desk.records.get(alert.key):
                    _join(desk, member_of(record, desk.states[alert.issue_id]), number, at)
            case Moved(alerts=alerts, from_incident=source, to_incident=target):
                for alert in alerts:
                    _move(desk, alert.key, source, target, at)
            case Merged(younger=younger, older=older):
                _merge(desk, younger, older, at)
            case RootMoved(incident_id=number):
                desk.changed.add(number)
    for number in sorted(desk.changed & desk.incidents.keys()):
        if found := board.group(number):
            _update(desk, number, root=found.ranking)
            if (firsts.get(number), number) in desk.left:
                _rename(desk, found, catalog)


def learn(desk: Desk, record: AlertRecord) -> None:
    """An event has come for an alert that was told of without one."""
    desk.records[record.key] = record
    desk.kept.add(record.key)
    for number, incident in desk.incidents.items():
        if incident.event or not record.event or not incident.members:
            continue
        if incident.members[0].key == record.key:
            environment = incident.environment or record.event.environment
            _update(desk, number, event=bounded(record.event), environment=environment)


def member_of(record: AlertRecord, state: IssueState) -> Member:
    """The line of an alert in its incident."""
    event, issue, place = record.event, record.issue, state.place(record.key)
    began = state.episodes[place].began.at if place is not None else record.received_at
    title = (issue.title if issue else "") or ((event.title or event.message) if event else "")
    return Member(
        key=record.key,
        issue_id=record.issue_id,
        service=record.service,
        since=min(began, record.received_at),
        title=title[:200],
        level=(event.level if event else None) or (issue.level if issue else None),
        short_id=issue.short_id if issue else None,
        web_url=(issue.web_url if issue else None) or (event.web_url if event else None),
    )


def _open(desk: Desk, group: Group, board: Board, catalog: Catalog) -> None:
    """With the alerts that are new; what was in other incidents moves here afterwards."""
    first = desk.records.get(group.alerts[0].key)
    if first is None:
        return
    number, begins = group.incident_id, _begins(group, board)
    incident = _named(first, number, desk, catalog)
    over = {"status": "resolved", "resolved_at": first.received_at, "resolved_by": "Sentry"}
    desk.incidents[number] = incident.model_copy(
        update={"runs": (), "issue_ids": (), "root": group.ranking, **over}
    )
    desk.changed.add(number)
    for alert in group.alerts:
        if alert.key in desk.fresh and (record := desk.records.get(alert.key)):
            _join(desk, member_of(record, desk.states[alert.issue_id]), number, group.opened_at)
    if begins > group.opened_at and desk.incidents[number].runs:
        run = desk.incidents[number].runs[0].model_copy(update={"not_before": begins})
        _update(desk, number, runs=(run,))


def _begins(group: Group, board: Board) -> datetime:
    """When to investigate: in a storm, what looks like its own trouble often proves to be part of it."""
    stormy = any(
        other.incident_id != group.incident_id
        and len(other.alerts) >= STORM_ALERTS
        and max(alert.received_at for alert in other.alerts) > group.opened_at - STORM_LASTS
        for other in board.groups
    )
    return max(group.investigate_at, group.opened_at + PATIENCE) if stormy else group.investigate_at


def _named(record: AlertRecord, number: str, desk: Desk, catalog: Catalog) -> Incident:
    state = desk.states[record.issue_id]
    incident = new_incident(
        number,
        state=state,
        service=catalog.service(record.service) or catalog.service_of(record.service),
        event=record.event,
        issue=record.issue,
        at=record.received_at,
        opened_by=record.opened_by,
    )
    place = state.place(record.key)
    return incident if place is None else incident.model_copy(update={"episode": state.number(place)})


def _rename(desk: Desk, group: Group, catalog: Catalog) -> None:
    """An incident whose first alert went elsewhere is named after the first of those that stayed."""
    record, members = desk.records.get(group.alerts[0].key), desk.incidents[group.incident_id].members
    if record is None:
        return
    named = _named(record, group.incident_id, desk, catalog)
    members = tuple(sorted(members, key=lambda member: member.key != record.key))
    update = {name: getattr(named, name) for name in _OF_THE_FIRST}
    _update(desk, group.incident_id, members=members, issue_ids=_issues(members), **update)


def _join(desk: Desk, member: Member, number: str, at: datetime) -> None:
    incident = desk.incidents.get(number)
    if incident is None or any(other.key == member.key for other in incident.members):
        return
    members = (*incident.members, member)[:MEMBERS]
    update: dict[str, object] = {"members": members, "issue_ids": _issues(members)}
    state = desk.states[member.issue_id]
    if _goes_on(desk, member.key, state):
        update |= {"status": "open", "resolved_at": None, "resolved_by": None}
        update["runs"] = incident.runs or (Run(number=1, requested_at=at),)
    _update(desk, number, **update)
    desk.states[member.issue_id] = state.with_incident(number, member.key)
    desk.replaced.add(member.issue_id)


def _goes_on(desk: Desk, key: str, state: IssueState) -> bool:
    if key in desk.fresh:
        return desk.fresh[key]
    place = state.place(key)
    return place is not None and state.standing(place) == "open"


def _move(desk: Desk, key: str, source: str, target: str, at: datetime) -> None:
    incident = desk.incidents.get(source)
    member = next((m for m in incident.members if m.key == key), None) if incident else None
    if incident is None or member is None:
        return
    members = tuple(other for other in incident.members if other.key != key)
    _update(desk, source, members=members, issue_ids=_issues(members))
    desk.left.append((key, source))
    _join(desk, member, target, at)


def _merge(desk: Desk, younger: str, older: str, at: datetime) -> None:
    """All that is left of the younger goes over; a run that has not begun by then never does."""
    incident = desk.incidents.get(younger)
    if incident is None or older not in desk.incidents:
        return
    for member in incident.members:
        _move(desk, member.key, younger, older, at)
    begun = tuple(
        run for run in incident.runs if run.state != "requested" or (run.not_before or run.requested_at) <= at
    )
    _update(desk, younger, merged_into=older, runs=begun)


def _issues(members: Sequence[Member]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(member.issue_id for member in members))


def _update(desk: Desk, number: str, **update: object) -> None:
    desk.incidents[number] = desk.incidents[number].model_copy(update=update)
    desk.changed.add(number)
