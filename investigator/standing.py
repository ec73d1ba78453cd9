"""An incident in line with its issue: with what the episodes say, and with what Sentry answers. Pure."""

from __future__ import annotations

from datetime import datetime

from investigator.models.incident import Incident
from investigator.models.issue_state import IssueState
from investigator.models.sentry import SentryIssue

_BY = {"resolved": "Sentry", "ignored": "Sentry (archived)"}


def in_line(incident: Incident, state: IssueState, index: int) -> Incident:
    """The incident of the episode at `index`, numbered and resolved as the state has it.

    It is opened again only if what resolved it turns out to have been the end of an earlier episode.
    """
    incident = incident.model_copy(update={"episode": state.number(index)})
    if state.standing(index) == "open":
        mistaken = incident.status == "resolved" and incident.resolved_at in _told_at(state)
        return _reopened(incident) if mistaken else incident
    if incident.status == "resolved":
        return incident
    settlement = state.end_of(index)
    by = (
        _BY[settlement.status]
        if settlement
        else f"the next episode, #{state.episodes[index + 1].incident_id}"
    )
    return _resolved(incident, by, settlement.told_at if settlement else state.status_at)


def as_sentry_says(incident: Incident, issue: SentryIssue | None, at: datetime | None) -> Incident:
    """The incident after its issue was read again: the webhook that settled it may be late, or never come."""
    if incident.status == "resolved" or issue is None or issue.status not in _BY:
        return incident
    return _resolved(incident, _BY[issue.status], at)


def _told_at(state: IssueState) -> list[datetime | None]:
    return [settlement.told_at for settlement in state.settlements]


def _reopened(incident: Incident) -> Incident:
    return incident.model_copy(update={"status": "open", "resolved_at": None, "resolved_by": None})


def _resolved(incident: Incident, by: str, at: datetime | None) -> Incident:
    return incident.model_copy(update={"status": "resolved", "resolved_at": at, "resolved_by": by})
