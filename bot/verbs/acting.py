"""What every verb that changes something does around the change: may they, write it down, say who did it."""

from __future__ import annotations

import hashlib

import structlog

from bot.verbs.ask import Ask
from investigator.audit import record
from investigator.composition import Program
from investigator.errors import OutsideCallFailed
from investigator.models.incident import Incident
from investigator.models.message import Message
from investigator.models.permission import Action
from investigator.models.service import Service
from investigator.permissions import NotAllowed, require
from investigator.run_messages import reply

log = structlog.get_logger()


async def permitted(
    program: Program, ask: Ask, service: Service, action: Action, incident: Incident | None = None
) -> None:
    """Raises: NotAllowed, which the audit log keeps as well."""
    try:
        await require(program, ask.user, service, action)
    except NotAllowed as refusal:
        number = incident.id if incident else ""
        await record(
            program.store, who=ask.user, what=action, incident=number, result="refused", detail=str(refusal)
        )
        raise


async def acted(
    program: Program,
    ask: Ask,
    message: Message,
    *,
    what: str,
    detail: str,
    incident: Incident | None = None,
) -> Message:
    """Keep that it was done, show it in the incident's thread, and return it for whoever asked.

    Where the answer to the person stands in that thread anyway it is not said twice.
    """
    number = incident.id if incident else ""
    await record(program.store, who=ask.user, what=what, incident=number, result="done", detail=detail)
    if incident is None or incident.parent is None:
        return message
    await program.jobs.refresh(incident.id)
    if ask.thread is None or ask.thread.id != incident.id:
        key = f"{incident.id}:{what}:{hashlib.sha256(ask.id.encode()).hexdigest()[:24]}"
        try:
            await reply(program, incident, key, message)
        except OutsideCallFailed as failure:  # it is done, and the parent will show it
            log.warning("act_not_said", incident=incident.id, what=what, error=str(failure))
    return message
