"""Whether an incident is to be kept from people for now: because it is muted, or outside business hours."""

from __future__ import annotations

from datetime import datetime

from investigator.composition import Program
from investigator.models.incident import Incident, Run
from investigator.mutes import covering, standing
from investigator.routing import opening, route_of


async def held_until(program: Program, incident: Incident, run: Run, at: datetime) -> datetime | None:
    """Until when an automatic run is to wait; None: not at all. What a person asked for never waits."""
    if run.requested_by:
        return None
    route = None if incident.parent else route_of(program.catalog.routes, incident)
    opens = opening(route, program.catalog.business_hours, incident, at)
    return max(filter(None, (opens, await muted_until(program, incident, at))), default=None)


async def muted_until(program: Program, incident: Incident, at: datetime) -> datetime | None:
    mute = covering(await standing(program.store, at), incident)
    return mute.until if mute else None


async def hold(program: Program, incident: Incident, run: Run, until: datetime) -> None:
    """Let the run wait; the clock asks for it again."""
    waiting = run.model_copy(update={"not_before": until})
    await program.incidents.update(incident.id, lambda current: _with(current, waiting))


async def drop(program: Program, incident: Incident) -> None:
    """It was over before anybody was to be told: nothing is investigated any more."""
    await program.incidents.update(
        incident.id,
        lambda current: (
            current if current.parent or current.status == "open" else current.model_copy(update={"runs": ()})
        ),
    )


def _with(incident: Incident, run: Run) -> Incident:
    runs = tuple(run if other.number == run.number else other for other in incident.runs)
    return incident.model_copy(update={"runs": runs})
