"""What a person means by `payments` or `SHOP-4F` in a cascade: some of its alerts."""

from __future__ import annotations

from bot.verbs.ask import Ask, WrongUsage, incident_meant
from investigator.composition import Program
from investigator.models.incident import Incident, Member
from investigator.references import parse_reference


async def incident_and_words(program: Program, ask: Ask) -> tuple[Incident, str]:
    """The incident, named by `#42` or implied, and the rest of what was typed."""
    words = ask.argument.split()
    named = next((word for word in words if word.startswith("#")), "")
    rest = " ".join(word for word in words if word != named)
    return await incident_meant(program, ask, named), rest


def alerts_meant(incident: Incident, named: str) -> list[Member]:
    """Alerts of a service by its name, or of an issue as Sentry names it; none when nothing fits."""
    of_service = [member for member in incident.members if member.service == named]
    reference = parse_reference(named)
    if of_service or reference is None:
        return of_service
    return [member for member in incident.members if reference.value in {member.issue_id, member.short_id}]


def unknown(named: str, incident: Incident) -> WrongUsage:
    services = ", ".join(incident.services[:10])
    return WrongUsage(f"“{named}” is no service or issue of #{incident.id}, which has: {services}")
