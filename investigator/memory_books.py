"""The books of triage without a store: they end with the process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count, islice

from investigator.books import Decide
from investigator.incidents import counted
from investigator.models.alert import AlertRecord
from investigator.models.cascade import Board
from investigator.models.incident import Incident
from investigator.models.issue_state import IssueState
from investigator.standing import in_line
from investigator.triage import Memory, Plan


class MemoryBooks:
    """Books that are also what they are read by."""

    def __init__(self) -> None:
        self._seen: dict[str, str] = {}
        self._states: dict[str, IssueState] = {}
        self._incidents: dict[str, Incident] = {}
        self._records: dict[str, AlertRecord] = {}
        self._board = Board()
        self._numbers = map(str, count(1))
        self._spare: list[str] = []

    async def remember(self, issue_ids: Sequence[str], identities: Sequence[str]) -> Memory:
        return Memory(seen=self._seen, states=self._states)

    async def new_ids(self, count: int) -> list[str]:
        spare, self._spare = self._spare[:count], self._spare[count:]
        return [*spare, *islice(self._numbers, count - len(spare))]

    def give_back(self, ids: Sequence[str]) -> None:
        self._spare = [*ids, *self._spare]

    async def keep(self) -> None:
        return

    async def board(self) -> Board:
        return self._board

    async def incidents(self, numbers: Iterable[str]) -> dict[str, Incident]:
        return {number: self._incidents[number] for number in numbers if number in self._incidents}

    async def states(self, issue_ids: Iterable[str]) -> dict[str, IssueState]:
        return {issue_id: self._states[issue_id] for issue_id in issue_ids if issue_id in self._states}

    async def records(self, alert_keys: Iterable[str]) -> dict[str, AlertRecord]:
        return {key: self._records[key] for key in alert_keys if key in self._records}

    async def write(self, issue_ids: Sequence[str], identities: Sequence[str], decide: Decide) -> Plan:
        result = await decide(Memory(seen=self._seen, states=self._states), self)
        self._seen |= result.seen
        self._states |= result.states
        self._incidents |= {number: result.desk.incidents[number] for number in result.desk.changed}
        self._records |= {key: result.desk.records[key] for key in result.desk.kept}
        self._board = result.board or self._board
        return result

    @property
    def homes(self) -> dict[str, str]:
        """Issue → the incident of its newest episode that is in one."""
        return {
            issue_id: numbers[-1]
            for issue_id, state in self._states.items()
            if (numbers := [episode.incident_id for episode in state.episodes if episode.incident_id])
        }

    def current(self) -> list[Incident]:
        """Every incident as its issues left it, in the order of opening, merged ones as well."""
        found = []
        for incident in self._incidents.values():
            states = {issue_id: self._states[issue_id] for issue_id in incident.issue_ids}
            counts = {
                episode.alert_key: (episode.events, episode.last_event_at.timestamp())
                for state in states.values()
                for episode in state.episodes
                if episode.incident_id == incident.id
            }
            found.append(counted(in_line(incident, states), counts))
        return found
