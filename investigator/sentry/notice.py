"""One webhook delivery, understood from its signed body alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from investigator.models.sentry import MetricAlert, Notice, Resource, SentryEvent
from investigator.sentry import limits
from investigator.sentry.body import read_object
from investigator.sentry.coerce import Object, identifier, line, link, mapping, pick, sequence, text, walk
from investigator.sentry.event import event_headline, parse_event
from investigator.sentry.issue import issue_or_none

_PREPROD_ACTIONS = ("size_analysis_completed", "build_distribution_completed")
_INSTALLATION_ACTIONS = ("created", "deleted")


def parse_notice(body: bytes) -> Notice:
    """Read one delivery. What is not understood has the resource `unknown`.

    Raises:
        BadPayload: the body is not a JSON object; the text says what it is.
    """
    return notice_from(read_object(body))


def parse_headline(body: bytes) -> Notice:
    """The same at a fraction of the cost: of the event only what tells it from others, when and where it was.

    Raises:
        BadPayload: as `parse_notice`.
    """
    return notice_from(read_object(body), read_event=event_headline)


def notice_from(body: Object, *, read_event: Callable[[Object], SentryEvent] = parse_event) -> Notice:
    """The same for a body that was parsed already."""
    data = mapping(body.get("data"))
    resource = _resource(body, data)
    if resource == "legacy_plugin":
        return _legacy_notice(body, read_event)
    raw_event = data.get("error") if resource == "error" else data.get("event")
    event = read_event(raw_event) if isinstance(raw_event, Mapping) else None
    raw_issue = data.get("issue")
    issue = issue_or_none(raw_issue) if isinstance(raw_issue, Mapping) else None
    metric = mapping(data.get("metric_alert")) if resource == "metric_alert" else {}
    return Notice(
        resource=resource,
        action=line(body.get("action"), limits.IDENTIFIER),
        installation=identifier(walk(body, "installation", "uuid") or walk(data, "installation", "uuid")),
        actor=text(pick(mapping(body.get("actor")), "name", "id")),
        issue_id=_issue_id(data, event, issue.id if issue else None),
        issue=issue,
        event=event,
        metric_alert=_metric_alert(metric, data),
        rule=text(
            pick(data, "triggered_rule") or walk(data, "issue_alert", "title") or walk(data, "alert", "title")
        ),
        activity_type=text(walk(data, "activity", "type"), limits.IDENTIFIER),
        comment_id=identifier(data.get("comment_id")) if resource == "comment" else None,
    )


def _resource(body: Object, data: Object) -> Resource:
    """Told apart by the keys of the body: the resource header is not signed."""
    action = body.get("action")
    kinds: tuple[tuple[Resource, bool], ...] = (
        ("legacy_plugin", "data" not in body and isinstance(body.get("event"), Mapping)),
        ("metric_alert", isinstance(data.get("metric_alert"), Mapping)),
        ("activity_alert", isinstance(data.get("activity"), Mapping)),
        ("event_alert", isinstance(data.get("event"), Mapping)),
        ("error", isinstance(data.get("error"), Mapping)),
        ("comment", "comment_id" in data),
        ("issue", isinstance(data.get("issue"), Mapping)),
        ("seer", "run_id" in data),
        ("preprod_artifact", action in _PREPROD_ACTIONS),
        ("installation", action in _INSTALLATION_ACTIONS and isinstance(data.get("installation"), Mapping)),
    )
    return next((resource for resource, fits in kinds if fits), "unknown")


def _issue_id(data: Object, event: SentryEvent | None, of_issue: str | None) -> str | None:
    of_event = event.issue_id if event else None
    return of_issue or of_event or identifier(pick(data, "issue_id", "group_id"))


def _metric_alert(metric: Object, data: Object) -> MetricAlert | None:
    alert_id = identifier(metric.get("id"))
    if alert_id is None:
        return None
    projects = (identifier(project) for project in sequence(metric.get("projects"))[: limits.PROJECTS])
    return MetricAlert(
        id=alert_id,
        title=line(pick(data, "description_title") or metric.get("title"), limits.TITLE),
        description=line(data.get("description_text"), limits.MESSAGE),
        projects=tuple(project for project in projects if project),
        web_url=link(data.get("web_url")),
    )


def _legacy_notice(body: Object, read_event: Callable[[Object], SentryEvent]) -> Notice:
    """The unsigned body of the old WebHooks plugin: the issue's fields around a stored event."""
    around = {
        "issue_id": body.get("id"),
        "project_slug": pick(body, "project_slug", "project"),
        "web_url": body.get("url"),
        **{name: body.get(name) for name in ("culprit", "level", "logger", "message")},
    }
    inner = {name: value for name, value in mapping(body["event"]).items() if value not in (None, "")}
    event = read_event({**around, **inner})
    rules = [rule for raw in sequence(body.get("triggering_rules")) if (rule := text(raw))]
    return Notice(
        resource="legacy_plugin",
        action="triggered",
        issue_id=event.issue_id,
        event=event,
        rule=text(", ".join(rules)),
    )
