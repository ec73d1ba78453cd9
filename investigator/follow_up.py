"""What is done about a decision of triage once it is written: incidents in line, jobs, edits.

Incidents that a decision changed are listed in the store with it, and are taken off the list when this is
done. Whoever takes over from a reader that died goes on with the list. All of it may be done twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import structlog
from redis.asyncio import Redis
from structlog.contextvars import bound_contextvars

from investigator import keys
from investigator.incidents import Incidents, UnknownIncident
from investigator.models.incident import Incident
from investigator.models.issue_state import IssueState
from investigator.parent_edits import ParentEdits
from investigator.provenance import UNKNOWN, Provenance
from investigator.queue import Jobs
from investigator.standing import in_line
from investigator.store import decoded
from investigator.tracing import span
from investigator.triage import Plan

log = structlog.get_logger()

ANNOUNCE_AFTER = timedelta(seconds=3)  # an alert that waits for its cause is not kept from people for longer
NOTHING: Mapping[str, Provenance] = {}
_SHOWN = 3  # of an issue's episodes, how many of the newest may need their message edited


class FollowUp:
    """For the one active reader."""

    def __init__(self, connection: Redis, incidents: Incidents, jobs: Jobs, edits: ParentEdits) -> None:
        self._store = connection
        self._incidents = incidents
        self._jobs = jobs
        self._edits = edits
        self._left_over = True  # somebody may have died before they did all of it

    def look_for_left_over(self) -> None:
        self._left_over = True

    async def act(self, result: Plan, brought: Mapping[str, Provenance] = NOTHING) -> None:
        """Do what the decision makes necessary, and what was left undone before it.

        `brought`: incident → which of the batch's deliveries are behind it.
        """
        due = set(result.desk.changed)
        if self._left_over:
            found: Any = await self._store.smembers(keys.TRIAGE_DUE)
            due |= set(map(decoded, found))
        states = await self._incidents.issue_states(sorted(result.touched))
        shown = due | _newest(states.values())
        for number in sorted(due | {e.incident_id for s in states.values() for e in s.episodes}):
            origin = brought.get(number, UNKNOWN)
            with (
                bound_contextvars(**({"delivery": origin.delivery} if origin.delivery else {})),
                span("triage", causes=origin.traces, incident=number, delivery=origin.delivery or None),
            ):
                await self._follow(number, edited=number in shown)
        if due:
            await self._store.srem(keys.TRIAGE_DUE, *due)
        self._left_over = False

    async def _follow(self, number: str, *, edited: bool) -> None:
        """Bring an incident in line with its issues; have it investigated while it is open."""
        try:
            incident = await self._incidents.get(number)
            states = await self._incidents.issue_states(incident.issue_ids)
            incident = await self._incidents.update(number, partial(in_line, states=states))
        except UnknownIncident:
            log.error("incident_missing", incident=number)
            return
        if incident.status == "open" and incident.merged_into is None:
            await self._begin(incident)
        if incident.parent and edited:
            self._edits.changed(number)

    async def _begin(self, incident: Incident) -> None:
        run = incident.runs[0] if incident.runs else None
        if run is None or run.state != "requested":
            return
        if run.not_before and run.not_before > datetime.now(UTC):
            await self._jobs.announce(incident.id, at=run.requested_at + ANNOUNCE_AFTER)
            await self._jobs.investigate(incident.id, run.number, at=run.not_before)
        else:
            await self._jobs.investigate(incident.id, run.number)


def _newest(states: Iterable[IssueState]) -> set[str]:
    return {episode.incident_id for state in states for episode in state.episodes[-_SHOWN:]}
