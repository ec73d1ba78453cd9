"""Promise 4: only what broke, or broke again, starts an investigation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from investigator.lifecycle import decide
from investigator.models.incident import IssueState
from investigator.models.sentry import Notice, SentryEvent, SentryIssue

T0 = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
UNSEEN = IssueState(issue_id="1")
OPEN = IssueState(issue_id="1", episode=1, status="open", incident_id="7", status_at=T0)
RESOLVED = OPEN.model_copy(update={"status": "resolved", "status_at": T0})
ARCHIVED = OPEN.model_copy(update={"status": "ignored", "status_at": T0})


def issue(action: str, status: str = "unresolved", substatus: str | None = None) -> Notice:
    return Notice(
        resource="issue",
        action=action,
        issue_id="1",
        issue=SentryIssue(id="1", status=status, substatus=substatus),
    )


def alert() -> Notice:
    return Notice(resource="event_alert", action="triggered", issue_id="1", event=SentryEvent(issue_id="1"))


def activity(kind: str) -> Notice:
    return Notice(resource="activity_alert", action="triggered", issue_id="1", activity_type=kind)


@pytest.mark.parametrize(
    ("state", "notice", "step", "episode"),
    [
        (UNSEEN, issue("created"), "open", 1),
        (UNSEEN, alert(), "open", 1),
        (OPEN, alert(), "count", 1),
        (OPEN, issue("created"), "ignore", 1),
        (UNSEEN, issue("created", status="resolved"), "ignore", 0),
        (OPEN, issue("resolved", status="resolved"), "resolve", 1),
        (OPEN, issue("ignored", status="ignored"), "silence", 1),
        (OPEN, issue("archived", status="ignored"), "silence", 1),
        (RESOLVED, issue("unresolved", substatus="regressed"), "open", 2),
        (ARCHIVED, issue("unresolved", substatus="escalating"), "open", 2),
        (RESOLVED, issue("unresolved", substatus="ongoing"), "ignore", 1),
        (RESOLVED, activity("status_regression"), "open", 2),
        (RESOLVED, alert(), "ignore", 1),
        (RESOLVED, issue("created"), "ignore", 1),
        (UNSEEN, issue("unresolved", substatus="regressed"), "open", 1),
        (OPEN, activity("status_resolved"), "resolve", 1),
    ],
)
def test_what_a_notice_does_to_its_issue(state: IssueState, notice: Notice, step: str, episode: int) -> None:
    decision = decide(state, notice, T0 + timedelta(hours=1))
    assert (decision.step, decision.state.episode) == (step, episode), decision.reason


@pytest.mark.parametrize(
    "action", ["assigned", "resolved", "ignored", "archived", "unresolved", "", "merged"]
)
@pytest.mark.parametrize("state", [UNSEEN, RESOLVED, ARCHIVED])
def test_lifecycle_news_never_opens_an_incident(state: IssueState, action: str) -> None:
    assert decide(state, issue(action), T0).step not in {"open", "count"}


@pytest.mark.parametrize("resource", ["comment", "installation", "seer", "metric_alert", "preprod_artifact"])
def test_other_resources_start_nothing(resource: str) -> None:
    notice = Notice(resource=resource, action="created", issue_id="1")  # type: ignore[arg-type]
    assert decide(UNSEEN, notice, T0).step == "ignore"


def test_one_regression_told_twice_is_one_episode() -> None:
    first = decide(RESOLVED, issue("unresolved", substatus="regressed"), T0 + timedelta(hours=1))
    second = decide(first.state, activity("status_regression"), T0 + timedelta(hours=1, seconds=2))
    assert (second.step, second.state.episode) == ("count", 2)


def test_a_regression_of_an_issue_whose_resolution_we_missed_is_a_new_episode() -> None:
    decision = decide(OPEN, issue("unresolved", substatus="regressed"), T0 + timedelta(days=3))
    assert (decision.step, decision.state.episode) == ("open", 2), decision.reason


def test_an_issue_resolved_before_we_heard_of_it_stays_quiet() -> None:
    settled = decide(UNSEEN, issue("resolved", status="resolved"), T0)
    late = decide(settled.state, issue("created"), T0 + timedelta(seconds=5))
    assert (settled.step, late.step) == ("ignore", "ignore")
