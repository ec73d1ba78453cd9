"""What a notice says about its issue, and for which moment it says so. Pure.

Only signed fields count: the status in the body is newer than the action (Sentry reads the issue again when
it sends), and the issue's last event tells which of two bodies is the later one. Our own time of receipt is
the last resort, and the latest a body can speak of.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from investigator.models.base import Value
from investigator.models.issue_state import Moment
from investigator.models.sentry import Notice

_ALERTS = {"event_alert", "error", "legacy_plugin"}
_REOPENING = {"regressed", "escalating"}
_REOPENING_ACTIVITIES = {"status_regression", "set_regression", "status_escalating", "set_escalating"}
_RESOLVING = {"resolved", "status_resolved", "set_resolved"}
_IGNORING = {"ignored", "archived", "status_ignored", "set_ignored", "status_archived"}

Settled = Literal["resolved", "ignored"]


class Sign(Value):
    """`kind` is the sign of trouble in the notice, `settled` the end of trouble; it can have both or neither.

    `what` names the notice for people and counters.
    """

    kind: Literal["created", "alert", "reopened"] | None = None
    settled: Settled | None = None
    moment: Moment
    first_seen: datetime | None = None
    what: str


def read_sign(notice: Notice, received_at: datetime) -> Sign:
    if notice.resource in _ALERTS:
        event = notice.event
        happened = (event.occurred_at or event.received_at) if event else None
        return Sign(kind="alert", moment=_moment(happened, None, received_at), what=notice.resource)
    issue = notice.issue
    kind = _kind(notice)
    first_seen = issue.first_seen if issue else None
    last_seen = issue.last_seen if issue else None
    told = (first_seen or last_seen) if kind == "created" else last_seen
    return Sign(
        kind=kind,
        settled=_settled(notice),
        moment=_moment(told, issue.count if issue else None, received_at),
        first_seen=first_seen,
        what=f"{notice.resource}.{notice.activity_type or notice.action or 'unknown'}",
    )


def _kind(notice: Notice) -> Literal["created", "reopened"] | None:
    if notice.resource == "issue" and notice.action == "created":
        return "created"
    if notice.resource == "issue" and notice.action == "unresolved":
        return "reopened" if notice.issue and notice.issue.substatus in _REOPENING else None
    if notice.resource == "activity_alert" and notice.activity_type in _REOPENING_ACTIVITIES:
        return "reopened"
    return None


def _settled(notice: Notice) -> Settled | None:
    if notice.resource not in {"issue", "activity_alert"}:
        return None
    status, substatus = (notice.issue.status, notice.issue.substatus) if notice.issue else (None, None)
    if status == "resolved":
        return "resolved"
    if status == "ignored":
        return "ignored"
    # An issue that is unresolved again is never `new` again: such a body only repeats what it was.
    if status == "unresolved" and substatus != "new":
        return None
    said = notice.activity_type if notice.resource == "activity_alert" else notice.action
    return "resolved" if said in _RESOLVING else "ignored" if said in _IGNORING else None


def _moment(told: datetime | None, count: int | None, received_at: datetime) -> Moment:
    return Moment(at=min(told or received_at, received_at), count=count)
