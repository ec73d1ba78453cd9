"""Asking for another run of an incident."""

from __future__ import annotations

from datetime import datetime

from investigator.incidents import Incidents
from investigator.models.incident import Incident, Run
from investigator.queue import Jobs


async def request_run(
    incidents: Incidents, jobs: Jobs, incident_id: str, *, by: str, at: datetime, request: str
) -> tuple[Incident, bool]:
    """Make sure a run is waiting or under way; False when somebody else had asked for it already.

    `request` identifies the asking: the same one, delivered again, asks for nothing new.

    Raises:
        UnknownIncident: when there is no such incident.
    """
    incident = await incidents.update(
        incident_id, lambda current: _with_next_run(current, by=by, at=at, request=request)
    )
    run = incident.run
    if run is not None and run.state == "requested":
        await jobs.investigate(incident.id, run.number)
    return incident, run is not None and run.request == request


def _with_next_run(incident: Incident, *, by: str, at: datetime, request: str) -> Incident:
    if incident.run and incident.run.state == "requested":
        return incident
    if any(run.request == request for run in incident.runs):
        return incident
    run = Run(number=len(incident.runs) + 1, requested_at=at, requested_by=by, request=request)
    return incident.model_copy(update={"runs": (*incident.runs, run)})
