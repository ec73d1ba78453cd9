"""What a delivery says, as a key: two deliveries that say the same have the same one.

Made from signed fields only, because headers can be changed by whoever replays a delivery.
"""

from __future__ import annotations

import json

from investigator.models.sentry import Notice


def semantic_identity(notice: Notice) -> str | None:
    """The key, or None when the body has nothing that would tell it from the next one of its kind.

    The rule of an event alert is left out on purpose: one event matched by three rules comes three times.
    Sentry puts no id on a change of an issue, so resolving twice without an event between has one key.
    """
    said = _said(notice)
    if said is None or said[0] is None:
        return None
    return json.dumps([notice.resource, notice.installation, *said], separators=(",", ":"))


def _said(notice: Notice) -> tuple[str | None, ...] | None:
    """Whom it is about, which must be known, and what happened to it."""
    match notice.resource:
        case "event_alert" | "error" if notice.event and notice.event.event_id:
            return notice.issue_id, notice.event.event_id
        case "issue":
            return notice.issue_id, notice.action, *_state(notice)
        case "activity_alert":
            return notice.issue_id, notice.activity_type, *_state(notice)
        case "metric_alert" if notice.metric_alert:
            return notice.metric_alert.id, notice.action
        case "comment":
            return notice.comment_id, notice.action
        case _:
            return None


def _state(notice: Notice) -> tuple[str | None, ...]:
    issue = notice.issue
    if issue is None:
        return ()
    return issue.status, issue.substatus, issue.last_seen.isoformat() if issue.last_seen else None
