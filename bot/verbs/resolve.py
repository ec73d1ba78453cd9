"""`resolve`: it is over, here and in Sentry."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.verbs.acting import acted, permitted
from bot.verbs.ask import Ask, Verb, WrongUsage, incident_meant
from investigator.composition import Program
from investigator.models.message import Message
from investigator.resolving import resolve
from investigator.run_messages import service_of


async def _resolve(program: Program, ask: Ask) -> Message:
    incident = await incident_meant(program, ask, ask.argument)
    if incident.status == "resolved":
        raise WrongUsage(f"#{incident.id} is resolved already")
    await permitted(program, ask, service_of(program, incident), "resolve", incident)
    result = await resolve(program, incident, ask.user, datetime.now(UTC))
    message = program.renderer.render(
        "resolved", incident=result.incident, by=ask.user, refused=result.refused
    )
    detail = f"not in Sentry: {result.refused}" if result.refused else ""
    return await acted(program, ask, message, what="resolve", detail=detail, incident=result.incident)


RESOLVE = Verb("resolve", "[#incident]", "it is over: resolve it here and in Sentry", _resolve)
