"""`split`: some alerts of an incident are another trouble."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.verbs.acting import acted, permitted
from bot.verbs.alerts import alerts_meant, incident_and_words, unknown
from bot.verbs.ask import Ask, Verb, WrongUsage
from investigator.composition import Program
from investigator.models.message import Message
from investigator.regrouping_by_hand import split_off
from investigator.run_messages import service_of


async def _split(program: Program, ask: Ask) -> Message:
    incident, named = await incident_and_words(program, ask)
    if not named:
        raise WrongUsage("name the service or issue that is another trouble")
    gone = alerts_meant(incident, named)
    if not gone:
        raise unknown(named, incident)
    if len(gone) == len(incident.members):
        raise WrongUsage(f"#{incident.id} has no alerts but those")
    await permitted(program, ask, service_of(program, incident), "mark_root", incident)
    younger = await split_off(program, incident, gone, by=ask.user, at=datetime.now(UTC))
    if younger.runs:
        await program.jobs.investigate(younger.id, 1)
    message = program.renderer.render(
        "split", incident=incident, younger=younger, by=ask.user, count_of=len(gone), named=named
    )
    return await acted(
        program, ask, message, what="split", detail=f"{named} → #{younger.id}", incident=incident
    )


SPLIT = Verb("split", "[#incident] <service | issue>", "make its alerts an incident of their own", _split)
