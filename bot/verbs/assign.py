"""`assign`: somebody looks after it."""

from __future__ import annotations

import re

from bot.verbs.acting import acted, permitted
from bot.verbs.ask import Ask, Verb, WrongUsage, incident_meant
from investigator.assigning import assign
from investigator.composition import Program
from investigator.models.message import Message
from investigator.run_messages import service_of

_USER = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")


async def _assign(program: Program, ask: Ask) -> Message:
    words = ask.argument.split()
    people = [word for word in words if word.lower() == "me" or _USER.fullmatch(word)]
    if len(people) != 1:
        raise WrongUsage("name one person, like @maria, or say “me”")
    named = _USER.fullmatch(people[0])
    user = named[1] if named else ask.user
    incident = await incident_meant(program, ask, " ".join(word for word in words if word not in people))
    await permitted(program, ask, service_of(program, incident), "assign", incident)
    result = await assign(program, incident, user)
    message = program.renderer.render(
        "assigned", incident=result.incident, by=ask.user, refused=result.refused
    )
    return await acted(program, ask, message, what="assign", detail=user, incident=result.incident)


ASSIGN = Verb("assign", "<@person | me> [#incident]", "say who looks after it", _assign)
