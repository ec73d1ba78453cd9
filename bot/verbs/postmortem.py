"""`postmortem`: what happened when, as a document."""

from __future__ import annotations

import hashlib

from bot.verbs.acting import acted
from bot.verbs.ask import Ask, Verb, WrongUsage, incident_meant
from investigator.composition import Program
from investigator.models.message import Message


async def _postmortem(program: Program, ask: Ask) -> Message:
    incident = await incident_meant(program, ask, ask.argument)
    if incident.parent is None:
        raise WrongUsage(f"#{incident.id} has no thread to put it into")
    request = f"{incident.id}:document:{hashlib.sha256(ask.id.encode()).hexdigest()[:24]}"
    await program.jobs.postmortem(incident.id, request)
    message = program.renderer.render("postmortem", incident=incident, by=ask.user)
    return await acted(program, ask, message, what="postmortem", detail="", incident=incident)


POSTMORTEM = Verb("postmortem", "[#incident]", "write down what happened when, as a document", _postmortem)
