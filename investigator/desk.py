"""The documents that a new grouping touches, laid out so that it can be carried out on all of them as one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from investigator.models.alert import AlertRecord
from investigator.models.cascade import Board, Change, Joined, Merged, Moved, Opened, RootMoved
from investigator.models.incident import Incident
from investigator.models.issue_state import IssueState


class Look(Protocol):
    """Reading what is going to be changed; a store notices if somebody else changes it meanwhile.

    Documents that are not there are left out of the answers.
    """

    async def board(self) -> Board: ...

    async def incidents(self, numbers: Iterable[str]) -> Mapping[str, Incident]: ...

    async def states(self, issue_ids: Iterable[str]) -> Mapping[str, IssueState]: ...

    async def records(self, alert_keys: Iterable[str]) -> Mapping[str, AlertRecord]: ...


@dataclass(slots=True)
class Desk:
    """Documents by incident number, issue id and alert key, and what has become of them.

    `fresh` are alerts that are in no incident yet, and whether they began something that goes on. `kept`
    records, `changed` incidents and `replaced` issues are new or different; `left` are (alert key, incident)
    pairs that belong together no more.
    """

    incidents: dict[str, Incident] = field(default_factory=dict)
    states: dict[str, IssueState] = field(default_factory=dict)
    records: dict[str, AlertRecord] = field(default_factory=dict)
    fresh: dict[str, bool] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    left: list[tuple[str, str]] = field(default_factory=list)

    async def lay_out(
        self, look: Look, changes: Sequence[Change], board: Board, *, also: Iterable[str] = ()
    ) -> None:
        """Fetch what these changes, which led to `board`, need and is not here yet; `also` are incidents."""
        numbers = (_incidents(changes) | set(also)) - self.incidents.keys()
        self.incidents |= await look.incidents(numbers)
        merged = {change.younger for change in changes if isinstance(change, Merged)}
        members = {m.issue_id for n in merged if (i := self.incidents.get(n)) for m in i.members}
        self.states |= await look.states((_issues(changes) | members) - self.states.keys())
        self.records |= await look.records(_named_after(changes, board) - self.records.keys())
        self.states |= await look.states({r.issue_id for r in self.records.values()} - self.states.keys())


def _incidents(changes: Iterable[Change]) -> set[str]:
    """Incidents that are there already and will be different."""
    found = set[str]()
    for change in changes:
        match change:
            case Joined(incident_id=number) | RootMoved(incident_id=number):
                found.add(number)
            case Moved(from_incident=one, to_incident=other) | Merged(younger=one, older=other):
                found |= {one, other}
    return found - {change.group.incident_id for change in changes if isinstance(change, Opened)}


def _issues(changes: Iterable[Change]) -> set[str]:
    found = set[str]()
    for change in changes:
        match change:
            case Opened(group=group):
                found |= {alert.issue_id for alert in group.alerts}
            case Joined(alert=alert):
                found.add(alert.issue_id)
            case Moved(alerts=alerts):
                found |= {alert.issue_id for alert in alerts}
    return found


def _named_after(changes: Iterable[Change], board: Board) -> set[str]:
    """The first alert of each incident that gets a new name."""
    found = set[str]()
    for change in changes:
        group = None
        match change:
            case Opened(group=opened):
                group = opened
            case Moved(from_incident=number):
                group = board.group(number)
        if group:
            found.add(group.alerts[0].key)
    return found
