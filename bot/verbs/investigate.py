"""`investigate` and `rerun`: have an issue investigated, or an incident once more."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from bot.verbs.ask import Ask, Verb, WrongUsage, incident_meant
from bot.verbs.investigate_dialog import open_dialog
from investigator.composition import Program
from investigator.models.message import Message
from investigator.references import parse_reference
from investigator.runs import request_run


async def _investigate(program: Program, ask: Ask) -> Message:
    if not ask.argument:
        if ask.thread:
            return await _rerun(program, ask)
        if ask.trigger:
            return await open_dialog(program, ask)
        raise WrongUsage("name the Sentry issue to investigate")
    if parse_reference(ask.argument) is None:
        raise WrongUsage(f"“{ask.argument}” is not an issue's number, short id or address")
    request = hashlib.sha256(ask.id.encode()).hexdigest()[:24]
    await program.jobs.open_by_hand(request, ask.argument, ask.user, ask.channel, ask.reply_to)
    return program.renderer.render("accepted", incident=None, reference=ask.argument, already=False)


async def _rerun(program: Program, ask: Ask) -> Message:
    incident = await incident_meant(program, ask, ask.argument)
    incident, new = await request_run(
        program.incidents, program.jobs, incident.id, by=ask.user, at=datetime.now(UTC), request=ask.id
    )
    return program.renderer.render("accepted", incident=incident, reference=None, already=not new)


INVESTIGATE = Verb(
    "investigate", "[issue id | short id | Sentry URL]", "investigate a Sentry issue", _investigate
)
RERUN = Verb("rerun", "[#incident]", "investigate again and say what changed", _rerun)
