"""Who looks after an incident; Sentry is told when it knows the person by their e-mail address."""

from __future__ import annotations

import structlog

from investigator.composition import Program
from investigator.errors import OutsideCallFailed
from investigator.models.base import Value
from investigator.models.incident import Incident
from investigator.resolving import sentry_said

log = structlog.get_logger()

_UNKNOWN = "it knows nobody with their e-mail address"


class Assignment(Value):
    """`refused` says why it is only noted here; None: Sentry has it too, or there is no issue."""

    incident: Incident
    refused: str | None


async def assign(program: Program, incident: Incident, user: str) -> Assignment:
    """`user` is a Slack user id."""
    refused = await _in_sentry(program, incident, user)
    after = await program.incidents.update(
        incident.id, lambda current: current.model_copy(update={"assigned_to": user})
    )
    log.info("assigned", incident=incident.id, to=user, refused=refused)
    return Assignment(incident=after, refused=refused)


async def _in_sentry(program: Program, incident: Incident, user: str) -> str | None:
    sentry = program.outside.sentry
    if sentry is None or not incident.issue_ids:
        return "no SENTRY_AUTH_TOKEN is set" if incident.issue_ids else None
    try:
        email = await _email(program, user)
        if email is None:
            return "Slack does not tell their e-mail address (scope users:read.email)"
        for issue_id in incident.issue_ids:
            await sentry.assign(issue_id, email)
    except OutsideCallFailed as failure:
        return _UNKNOWN if (failure.service, failure.kind) == ("Sentry", "rejected") else sentry_said(failure)
    return None


async def _email(program: Program, user: str) -> str | None:
    answer = await program.slack.call("users.info", user=user)
    email = (answer.get("user") or {}).get("profile", {}).get("email")
    return str(email) if email else None
