"""An incident in line with its issues: with what the episodes say, and with what Sentry answers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from investigator.models.incident import Incident
from investigator.models.issue_state import IssueState
from investigator.models.sentry import SentryIssue

_BY = {"resolved": "Sentry", "ignored": "Sentry (archived)"}


def in_line(incident: Incident, states: Mapping[str, IssueState]) -> Incident:
    """The incident, numbered and resolved as the states of its issues, by issue id, have it.

    It is over when the episodes of all its issues are, and is opened again only if what resolved it turns out
    to have been the end of an earlier episode.
    """
    found = [
        (state, index)
        for issue_id in incident.issue_ids
        if (state := states.get(issue_id))
        for index, episode in enumerate(state.episodes)
        if episode.incident_id == incident.id
    ]
    if not found:
        return incident
    first, place = found[0]
    incident = incident.model_copy(update={"episode": first.number(place)})
    if any(state.standing(index) == "open" for state, index in found):
        told_at = [settlement.told_at for state, _ in found for settlement in state.settlements]
        mistaken = incident.status == "resolved" and incident.resolved_at in told_at
        return _reopened(incident) if mistaken else incident
    if incident.status == "resolved":
        return incident
    by, at = max((_end(state, index) for state, index in found), key=lambda end: (end[1] is not None, end[1]))
    return _resolved(incident, by, at)


def as_sentry_says(incident: Incident, issue: SentryIssue | None, at: datetime | None) -> Incident:
    """The incident after its issue was read again: the webhook that settled it may be late, or never come.

    What one of several issues says is not yet so for all of them.
    """
    if incident.status == "resolved" or issue is None or issue.status not in _BY or incident.is_cascade:
        return incident
    return _resolved(incident, _BY[issue.status], at)


def _end(state: IssueState, index: int) -> tuple[str, datetime | None]:
    """What ended an episode, and when we heard."""
    settlement = state.end_of(index)
    if settlement:
        return _BY[settlement.status], settlement.told_at
    return f"the next episode, #{state.episodes[index + 1].incident_id}", state.status_at


def _reopened(incident: Incident) -> Incident:
    return incident.model_copy(update={"status": "open", "resolved_at": None, "resolved_by": None})


def _resolved(incident: Incident, by: str, at: datetime | None) -> Incident:
    return incident.model_copy(update={"status": "resolved", "resolved_at": at, "resolved_by": by})
