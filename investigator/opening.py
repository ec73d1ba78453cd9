"""How an incident begins: from an alert, or because a person asked. Pure."""

from __future__ import annotations

from datetime import datetime

from investigator.bounding import bounded
from investigator.models.incident import Incident, Run
from investigator.models.issue_state import IssueState
from investigator.models.sentry import SentryEvent, SentryIssue
from investigator.models.service import Service


def new_incident(
    incident_id: str,
    *,
    state: IssueState,
    service: Service,
    event: SentryEvent | None,
    issue: SentryIssue | None,
    at: datetime,
    opened_by: str,
    requested_by: str | None = None,
    channel: str | None = None,
) -> Incident:
    """An incident with its first run requested; what is known of the error comes from event or issue."""
    told, group = event or SentryEvent(), issue or SentryIssue(id=state.issue_id)
    return Incident(
        id=incident_id,
        opened_at=at,
        opened_by=opened_by,
        service=service.name,
        channel=channel or service.channel,
        issue_ids=(state.issue_id,),
        episode=state.episode,
        project=_first(group.project, told.project),
        title=_first(group.title, told.title, told.message) or "Untitled error",
        level=_first(told.level, group.level),
        environment=told.environment,
        web_url=_first(group.web_url, told.web_url),
        short_id=group.short_id,
        last_event_at=at,
        event=bounded(event) if event else None,
        issue=issue,
        runs=(Run(number=1, requested_at=at, requested_by=requested_by),),
    )


def project_of(event: SentryEvent | None, issue: SentryIssue | None) -> str | None:
    """The project's slug; its number where Sentry gave nothing better."""
    told, group = event or SentryEvent(), issue or SentryIssue(id="")
    return _first(group.project, told.project, group.project_id, told.project_id)


def _first(*candidates: str | None) -> str | None:
    return next((candidate for candidate in candidates if candidate), None)
