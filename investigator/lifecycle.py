"""What a notice means for an issue: open an incident, count, close, or nothing. Pure.

The rules are Sentry's (issue states and substates) and the house's promise 4: only something that broke,
or broke again, starts an investigation.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from investigator.models.base import Value
from investigator.models.incident import IssueState
from investigator.models.sentry import Notice

Step = Literal["open", "count", "resolve", "silence", "ignore"]

_REOPENING = {"regressed", "escalating"}
_ALERTS = {"event_alert", "error"}
# Sentry tells of one regression several times over: as an issue, as an activity alert, once a rule.
ECHO = timedelta(minutes=10)


class Decision(Value):
    """`reason` is for people and for the counters: why this notice had this effect.

    `state` is what the issue is afterwards; it is written before anything else is done.
    """

    step: Step
    reason: str
    state: IssueState


def decide(state: IssueState, notice: Notice, at: datetime) -> Decision:
    """Decide what `notice`, received at `at`, does to its issue.

    The caller has made sure that `notice.issue_id == state.issue_id` and that it was not seen before.
    """
    if notice.resource in _ALERTS:
        return _alert(state, at)
    if notice.resource == "issue":
        return _issue(state, notice, at)
    if notice.resource == "activity_alert":
        return _activity(state, notice, at)
    return _ignore(state, f"{notice.resource}.{notice.action or 'unknown'} starts nothing")


def _alert(state: IssueState, at: datetime) -> Decision:
    if state.status == "unseen":
        return _open(state, at, "first alert for this issue")
    seen = state.model_copy(update={"last_event_at": at})
    if state.status == "open":
        return Decision(step="count", reason="the issue is already being looked at", state=seen)
    return Decision(
        step="ignore", reason=f"the issue is {state.status}; Sentry has not reopened it", state=seen
    )


def _issue(state: IssueState, notice: Notice, at: datetime) -> Decision:
    issue = notice.issue
    status = issue.status if issue else None
    substatus = issue.substatus if issue else None
    if notice.action == "created":
        return _created(state, status, at)
    if notice.action == "unresolved":
        if substatus in _REOPENING:
            return _reopened(state, at, f"the issue {substatus}")
        return _ignore(state, "unresolved without regressing or escalating")
    if notice.action == "resolved":
        return _settled(state, "resolved", at)
    if notice.action in {"ignored", "archived"}:
        return _settled(state, "ignored", at)
    return _ignore(state, f"issue.{notice.action or 'unknown'} starts nothing")


def _created(state: IssueState, status: str | None, at: datetime) -> Decision:
    if status in {"resolved", "ignored"}:
        return _ignore(state, f"created arrived after the issue was {status}")
    if state.status == "unseen":
        return _open(state, at, "first seen")
    return _ignore(state, "created arrived after other news of the issue")


def _activity(state: IssueState, notice: Notice, at: datetime) -> Decision:
    kind = notice.activity_type or ""
    if kind in {"status_regression", "set_regression", "status_escalating", "set_escalating"}:
        return _reopened(state, at, "the issue regressed" if "regression" in kind else "the issue escalated")
    if kind in {"status_resolved", "set_resolved"}:
        return _settled(state, "resolved", at)
    return _ignore(state, f"activity {kind or 'unknown'} starts nothing")


def _reopened(state: IssueState, at: datetime, reason: str) -> Decision:
    if state.status == "open" and state.reopened and state.status_at and at - state.status_at < ECHO:
        return Decision(step="count", reason=f"{reason}; it is already open", state=state)
    return _open(state, at, reason, reopened=True)


def _settled(state: IssueState, status: Literal["resolved", "ignored"], at: datetime) -> Decision:
    settled = state.model_copy(update={"status": status, "status_at": at})
    if state.status != "open":
        return Decision(step="ignore", reason=f"{status}, and nothing was open", state=settled)
    return Decision(
        step="resolve" if status == "resolved" else "silence", reason=f"Sentry says {status}", state=settled
    )


def _open(state: IssueState, at: datetime, reason: str, *, reopened: bool = False) -> Decision:
    opened = state.model_copy(
        update={
            "status": "open",
            "episode": state.episode + 1,
            "reopened": reopened,
            "superseded_id": state.incident_id if state.status == "open" else None,
            "status_at": at,
            "last_event_at": at,
        }
    )
    return Decision(step="open", reason=reason, state=opened)


def _ignore(state: IssueState, reason: str) -> Decision:
    return Decision(step="ignore", reason=reason, state=state)
