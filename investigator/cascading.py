"""What the thread of an incident of several alerts says of all: whom it hit, and what it began with."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from investigator.composition import Program
from investigator.errors import OutsideCallFailed
from investigator.incident_channel.opening import give_channel
from investigator.models.incident import Incident, ParentMessage
from investigator.run_messages import reply

if TYPE_CHECKING:
    from investigator.cascade_pictures import Picture

log = structlog.get_logger()

EVERY = timedelta(seconds=15)  # how often it is edited
CALM = timedelta(seconds=10)  # without a new alert
LONGEST_STORM = timedelta(minutes=2)
MOVES_TOLD = 5  # how often the thread says that the root is another; after that only the message changes


async def ask_to_show(program: Program, incident: Incident) -> None:
    """Have it shown: at once the first time, later at a bounded rate."""
    said = await program.thread.where(_key(incident))
    await program.jobs.show_cascade(incident.id, at=datetime.now(UTC) + EVERY if said else None)


async def show_cascade(program: Program, incident_id: str) -> None:
    """Say, once, whom the cascade hit, and keep it true; pictures follow when the first run is done."""
    incident = await program.incidents.get(incident_id)
    parent = incident.parent
    if parent is None or incident.merged_into or not incident.is_cascade:
        return
    message = program.renderer.render("cascade", incident=incident)
    at = await reply(program, incident, _key(incident), message)
    await program.thread.edit(_key(incident), message, incident=incident.id, at=at)
    incident = await give_channel(program, incident)
    await _tell_move(program, incident)
    if any(run.state == "done" for run in incident.runs):
        if (calm_at := _calm_at(incident)) > datetime.now(UTC):
            await program.jobs.show_pictures(incident.id, at=calm_at)
        else:
            await _show_pictures(program, incident, parent)


def _calm_at(incident: Incident) -> datetime:
    """When to draw pictures, which are not drawn again: when the storm is over, or has lasted for long."""
    since = [member.since for member in incident.members]
    return min(max(since) + CALM, min(since) + LONGEST_STORM)


def _key(incident: Incident) -> str:
    return f"{incident.id}:cascade"


async def _tell_move(program: Program, incident: Incident) -> None:
    first, said = incident.root.first if incident.root else None, incident.root_said
    if first is None or first.node == said or not (incident.root and incident.root.clear):
        return
    tells = said is not None and incident.root_moves < MOVES_TOLD
    if tells:
        message = program.renderer.render("root_moved", incident=incident, before=said)
        await reply(program, incident, f"{incident.id}:root:{incident.root_moves}", message)
    update = {"root_said": first.node, "root_moves": incident.root_moves + tells}
    await program.incidents.update(incident.id, lambda current: current.model_copy(update=update))


async def _show_pictures(program: Program, incident: Incident, parent: ParentMessage) -> None:
    """Both pictures in one message, once; where Slack does not take them, a line says so."""
    key = f"{incident.id}:pictures"
    if await program.thread.where(key):
        return
    done = [run.number for run in incident.runs if run.state == "done"]
    findings = await program.incidents.findings(incident.id, done[-1])
    deploys = findings.code.deploys if findings else ()
    from investigator.cascade_pictures import pictures_of  # what draws takes a second to load

    pictures = await asyncio.to_thread(pictures_of, incident, program.catalog, deploys)
    try:
        files = [(await _upload(program, picture), picture.alt) for picture in pictures]
    except OutsideCallFailed as failure:
        log.warning("pictures_not_uploaded", incident=incident.id, error=str(failure))
        files = []
    message = program.renderer.render("pictures", incident=incident, files=files)
    await program.thread.say(key, message, incident=incident.id, channel=parent.channel, thread_ts=parent.ts)


async def _upload(program: Program, picture: Picture) -> str:
    return await program.slack.upload(picture.name, picture.png, title=picture.title, alt_text=picture.alt)
