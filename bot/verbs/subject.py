"""What a person means by `checkout`, `#42`, `SHOP-4F` or an issue's address, when they mute it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.verbs.ask import LOOKED_AT, Ask, WrongUsage, incident_meant
from investigator.composition import Program
from investigator.models.incident import Incident
from investigator.models.service import Service
from investigator.mutes import issue_subject, service_subject
from investigator.opening import project_of
from investigator.references import Reference, parse_reference
from investigator.run_messages import service_of


@dataclass(frozen=True, slots=True)
class Meant:
    """`subjects` are those of mutes; `incident` is in whose thread the mute is said, if there is one."""

    subjects: tuple[str, ...]
    label: str
    service: Service
    incident: Incident | None = None


async def meant(program: Program, ask: Ask, named: str) -> Meant:
    """A service by its name, an incident by its number, an issue as Sentry names it; else the thread's own.

    Raises:
        WrongUsage: nothing is known by that name.
        OutsideCallFailed: it is an issue we have not met, and Sentry cannot be asked.
    """
    if not named or (named.lstrip("#").isdigit() and named.startswith("#")):
        return _issues_of(program, await incident_meant(program, ask, named))
    recent = await program.incidents.recent(LOOKED_AT)
    service = program.catalog.service(named)
    if service is None and any(incident.service == named for incident in recent):
        service = program.catalog.service_of(named)
    if service is not None:
        return Meant((service_subject(service.name),), service.name, service)
    reference = parse_reference(named)
    if reference is None:
        raise WrongUsage(f"“{named}” is neither a service nor an issue nor an incident like #42")
    for incident in recent:
        if reference.value in {*incident.issue_ids, incident.short_id}:
            return _issues_of(program, incident)
    return await _unmet(program, reference)


def _issues_of(program: Program, incident: Incident) -> Meant:
    if not incident.issue_ids:
        raise WrongUsage(f"#{incident.id} has no issue in Sentry that could alert again")
    subjects = tuple(issue_subject(issue_id) for issue_id in incident.issue_ids)
    label = incident.short_id or f"the issue of #{incident.id}"
    return Meant(subjects, label, service_of(program, incident), incident)


async def _unmet(program: Program, reference: Reference) -> Meant:
    sentry = program.outside.sentry
    if sentry is None:
        raise WrongUsage("I have not met this issue, and without SENTRY_AUTH_TOKEN I cannot look it up")
    short = reference.kind == "short_id"
    issue = await sentry.issue(await sentry.resolve_short_id(reference.value) if short else reference.value)
    service = program.catalog.service_of(project_of(None, issue))
    return Meant((issue_subject(issue.id),), issue.short_id or f"issue {issue.id}", service)
