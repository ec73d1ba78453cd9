"""Bodies of Sentry's webhooks, built from an issue in API shape and an event as it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sender:
    """The installation of an integration in one organization."""

    organization: str = "acme"
    base_url: str = "https://sentry.example"
    installation: str = "7a485448-a9e2-4c85-8a3c-4f44175783c9"

    @property
    def api(self) -> str:
        return f"{self.base_url}/api/0"

    @property
    def web(self) -> str:
        return f"{self.base_url}/organizations/{self.organization}"


_SENDER = Sender()
_SENTRY: Json = {"type": "application", "id": "sentry", "name": "Sentry"}


def webhook_event_alert(
    issue: Mapping[str, Any],
    event: Mapping[str, Any],
    *,
    rule: str = "Notify IncidentPilot",
    sender: Sender = _SENDER,
) -> Json:
    """`event_alert.triggered`: the event, and of the rule its label only."""
    data = {"event": _event(issue, event, sender), "triggered_rule": rule}
    return _envelope("triggered", data, sender)


def webhook_error(issue: Mapping[str, Any], event: Mapping[str, Any], *, sender: Sender = _SENDER) -> Json:
    """`error.created`: one for every event."""
    return _envelope("created", {"error": _event(issue, event, sender)}, sender)


def webhook_issue(
    action: str,
    issue: Mapping[str, Any],
    *,
    actor: Mapping[str, Any] = _SENTRY,
    sender: Sender = _SENDER,
) -> Json:
    """`issue.*`: created, assigned, resolved, unresolved, ignored."""
    data: Json = {"issue": _issue(issue, sender)}
    if action == "resolved":
        data["resolution_type"] = "now"
    if action == "assigned":
        data["assignee"] = issue.get("assignedTo")
    return _envelope(action, data, sender, actor)


def webhook_activity_alert(
    activity_type: str,
    issue: Mapping[str, Any],
    *,
    rule: str = "Notify IncidentPilot",
    sender: Sender = _SENDER,
) -> Json:
    """`activity_alert.triggered`, for instance of type status_regression."""
    alert_url = f"{sender.web}/monitors/alerts/31/"
    data = {
        "issue": _issue(issue, sender),
        "activity": {"type": activity_type, "details": {}},
        "alert": {"id": 31, "title": rule, "url": alert_url, "web_url": alert_url},
    }
    return _envelope("triggered", data, sender)


def webhook_metric_alert(
    action: str,
    *,
    alert_id: str = "4001",
    title: str = "Too many errors",
    projects: tuple[str, ...] = ("checkout-web",),
    sender: Sender = _SENDER,
) -> Json:
    """`metric_alert.*`: critical, warning, resolved, open. There is no issue and no event in it."""
    rule = {
        "id": "77",
        "name": title,
        "aggregate": "count()",
        "query": "level:error",
        "dataset": "events",
        "environment": None,
        "time_window": 10,
        "threshold_type": 0,
        "projects": list(projects),
        "triggers": [],
    }
    alert = {
        "id": alert_id,
        "identifier": "12",
        "status": 2 if action == "resolved" else 20,
        "date_started": "2026-03-02T10:15:00.000000Z",
        "date_closed": None,
        "projects": list(projects),
        "title": title,
        "alert_rule": rule,
    }
    data = {
        "description_title": f"{action.capitalize()}: {title}",
        "description_text": "420 events in the last 10 minutes",
        "web_url": f"{sender.web}/alerts/12/",
        "metric_alert": alert,
    }
    return _envelope(action, data, sender)


def webhook_comment(
    action: str, issue: Mapping[str, Any], comment: str, *, comment_id: str = "901", sender: Sender = _SENDER
) -> Json:
    """`comment.*`: created, updated, deleted. The issue's id is a number here, and only here."""
    data = {
        "comment_id": comment_id,
        "issue_id": int(issue["id"]),
        "project_slug": issue["project"]["slug"],
        "timestamp": "2026-03-02T10:20:00.000000Z",
        "comment": comment,
    }
    return _envelope(action, data, sender, {"type": "user", "id": 77, "name": "Ada Example"})


def _envelope(action: str, data: Json, sender: Sender, actor: Mapping[str, Any] = _SENTRY) -> Json:
    return {
        "action": action,
        "installation": {"uuid": sender.installation},
        "data": data,
        "actor": dict(actor),
    }


def _event(issue: Mapping[str, Any], event: Mapping[str, Any], sender: Sender) -> Json:
    """Fields and links that Sentry puts on a stored event when it sends it."""
    project, number, event_id = issue["project"]["slug"], issue["id"], event["event_id"]
    return {
        **event,
        "issue_id": number,
        "url": f"{sender.api}/projects/{sender.organization}/{project}/events/{event_id}/",
        "web_url": f"{sender.web}/issues/{number}/events/{event_id}/",
        "issue_url": f"{sender.api}/organizations/{sender.organization}/issues/{number}/",
    }


def _issue(issue: Mapping[str, Any], sender: Sender) -> Json:
    number = issue["id"]
    return {
        **issue,
        "url": f"{sender.api}/organizations/{sender.organization}/issues/{number}/",
        "web_url": f"{sender.web}/issues/{number}/",
        "project_url": f"{sender.web}/issues/?project={issue['project']['id']}",
    }
