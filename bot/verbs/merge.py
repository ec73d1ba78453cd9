"""`merge`: two incidents are one trouble."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot.verbs.acting import acted, permitted
from bot.verbs.ask import Ask, Verb, WrongUsage, incident_meant
from investigator.composition import Program
from investigator.models.message import Message
from investigator.regrouping_by_hand import merge
from investigator.run_messages import service_of


async def _merge(program: Program, ask: Ask) -> Message:
    named = ask.argument.split()
    if len(named) not in {1, 2}:
        raise WrongUsage("name the other incident, like #42")
    one = await incident_meant(program, ask, named[1] if len(named) == 2 else "")
    other = await incident_meant(program, replace(ask, thread=None), named[0])
    if one.id == other.id:
        raise WrongUsage(f"both are #{one.id} or part of it")
    for incident in (one, other):
        await permitted(program, ask, service_of(program, incident), "mark_root", incident)
    older = await merge(program, one, other, by=ask.user, at=datetime.now(UTC))
    younger = other if older.id == one.id else one
    await program.jobs.refresh(younger.id)
    message = program.renderer.render("merged_by_hand", incident=older, younger=younger, by=ask.user)
    return await acted(program, ask, message, what="merge", detail=f"#{younger.id}", incident=older)


MERGE = Verb("merge", "#other [#incident]", "make two incidents one; the younger thread goes quiet", _merge)
