"""In which channel an incident's thread begins."""

from __future__ import annotations

from investigator.composition import Program
from investigator.models.incident import Incident
from investigator.routes import override


async def channel_of(program: Program, incident: Incident) -> str:
    """What people chose for its service with `route`, else where it was to go when it was opened."""
    return await override(program.store, incident.service) or incident.channel
