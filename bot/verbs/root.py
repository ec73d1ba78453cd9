"""`root`: a person names where a cascade began."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.verbs.acting import acted, permitted
from bot.verbs.alerts import alerts_meant, incident_and_words, unknown
from bot.verbs.ask import Ask, Verb, WrongUsage
from investigator.composition import Program
from investigator.models.incident import Incident
from investigator.models.message import Message
from investigator.regrouping_by_hand import mark_root
from investigator.run_messages import service_of
from investigator.runs import request_run


async def _root(program: Program, ask: Ask) -> Message:
    incident, named = await incident_and_words(program, ask)
    if not named:
        raise WrongUsage("name the service or issue where it began")
    node = _node(program, incident, named)
    await permitted(program, ask, service_of(program, incident), "mark_root", incident)
    at = datetime.now(UTC)
    incident = await mark_root(program, incident, node, by=ask.user, at=at)
    incident, _ = await request_run(
        program.incidents, program.jobs, incident.id, by=ask.user, at=at, request=ask.id
    )
    message = program.renderer.render("root_marked", incident=incident, by=ask.user, node=node)
    return await acted(program, ask, message, what="mark_root", detail=node, incident=incident)


def _node(program: Program, incident: Incident, named: str) -> str:
    """A service or infrastructure that the catalogue, the ranking or an alert knows; an issue's service."""
    declared = {service.name for service in program.catalog.services}
    declared |= {node for service in program.catalog.services for node in service.depends_on}
    ranked = {candidate.node for candidate in incident.root.candidates} if incident.root else set()
    if named in declared | ranked:
        return named
    if members := alerts_meant(incident, named):
        return members[0].service
    raise unknown(named, incident)


ROOT = Verb("root", "[#incident] <service | issue>", "say where a cascade began, and look there", _root)
