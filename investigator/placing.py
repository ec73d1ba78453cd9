"""In which channel an incident's thread begins."""

from __future__ import annotations

from datetime import UTC, datetime

from investigator.composition import Program
from investigator.models.incident import Incident
from investigator.routes import override
from investigator.routing import channel_by, route_of
from investigator.run_messages import service_of


async def channel_of(program: Program, incident: Incident) -> str:
    """What people chose for its service with `route`, else what the catalogue's routes say, else its own.

    Where somebody asked for the investigation of a service that nobody catalogued, the thread is there.
    """
    if chosen := await override(program.store, incident.service):
        return chosen
    route = route_of(program.catalog.routes, incident)
    asked_here = incident.channel != service_of(program, incident).channel
    if route is None or asked_here:
        return incident.channel
    return channel_by(route, program.catalog.business_hours, datetime.now(UTC)) or incident.channel
