"""Resolving an incident because a person says so, in Sentry too when its token permits."""

from __future__ import annotations

from datetime import datetime

import structlog

from investigator.composition import Program
from investigator.errors import OutsideCallFailed
from investigator.models.base import Value
from investigator.models.incident import Incident

log = structlog.get_logger()

_UNSET = "no SENTRY_AUTH_TOKEN is set"
_MAY_NOT = "our token may not: give the integration the permission Issue & Event: Read & Write"


class Resolution(Value):
    """`refused` says why Sentry still has the issue open; None: it has not, or there is none."""

    incident: Incident
    refused: str | None


async def resolve(program: Program, incident: Incident, by: str, at: datetime) -> Resolution:
    """Resolve the issues in Sentry, then the incident here; `by` is a Slack user id. Twice is as once."""
    refused = await in_sentry(program, incident)
    after = await program.incidents.update(incident.id, lambda current: _resolved(current, by, at))
    log.info("resolved_by_hand", incident=incident.id, by=by, refused=refused)
    return Resolution(incident=after, refused=refused)


async def in_sentry(program: Program, incident: Incident) -> str | None:
    """Why Sentry did not resolve the issues; None when it did."""
    sentry = program.outside.sentry
    if sentry is None:
        return _UNSET if incident.issue_ids else None
    try:
        for issue_id in incident.issue_ids:
            await sentry.resolve(issue_id)
    except OutsideCallFailed as failure:
        return sentry_said(failure)
    return None


def sentry_said(failure: OutsideCallFailed) -> str:
    """In words for the person who clicked. Pure."""
    return _MAY_NOT if failure.kind in {"unauthorized", "forbidden"} else str(failure)


def _resolved(incident: Incident, by: str, at: datetime) -> Incident:
    if incident.status == "resolved":
        return incident
    return incident.model_copy(update={"status": "resolved", "resolved_at": at, "resolved_by": by})
