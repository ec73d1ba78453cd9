"""What an incident says in Slack besides its report: that it is there, and that it is part of another."""

from __future__ import annotations

from datetime import UTC, datetime

from investigator.cascading import ask_to_show
from investigator.composition import Program
from investigator.holding import held_until
from investigator.incident_channel.closing import close_channel
from investigator.investigation import ensure_parent, latest_report, parent_key, show_verdict
from investigator.models.incident import Incident
from investigator.permalink import permalink
from investigator.run_messages import reply


async def announce(program: Program, incident_id: str) -> None:
    """Post the parent of an incident whose investigation waits; not if it is over, muted or merged by now."""
    incident = await program.incidents.get(incident_id)
    run = incident.run
    if run is None or incident.status != "open" or incident.parent or incident.merged_into:
        return
    if not await held_until(program, incident, run, datetime.now(UTC)):
        incident = await ensure_parent(program, incident)
        if incident.merged_into:
            await tell_merged(program, incident)


async def refresh(program: Program, incident_id: str) -> None:
    """Edit the parent message to what is known now: counters, resolved or not, merged or not."""
    incident = await program.incidents.get(incident_id)
    if incident.merged_into:
        await tell_merged(program, incident)
        await close_channel(program, incident)
    else:
        await show_verdict(program, incident, await latest_report(program, incident))
        if incident.is_cascade and incident.parent:
            await ask_to_show(program, incident)
        await close_channel(program, incident)


async def tell_merged(program: Program, incident: Incident) -> None:
    """Say, once, where an incident goes on that was merged, and let its parent say so."""
    if incident.parent is None or incident.merged_into is None:
        return
    older = await _last(program, incident.merged_into)
    older = await ensure_parent(program, older)
    url = await permalink(program, older.parent) if older.parent else None
    message = program.renderer.render("merged", incident=incident, older=older, url=url)
    await reply(program, incident, f"{incident.id}:merged:{older.id}", message)
    message = program.renderer.render("parent_merged", incident=incident, older=older, url=url)
    await program.thread.edit(parent_key(incident), message, incident=incident.id, at=incident.parent)


async def _last(program: Program, number: str) -> Incident:
    """The incident that has them all in the end."""
    incident = await program.incidents.get(number)
    while incident.merged_into:  # always an older one
        incident = await program.incidents.get(incident.merged_into)
    return incident
