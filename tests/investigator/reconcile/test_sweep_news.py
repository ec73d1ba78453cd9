"""Which differences between Sentry and our records are news, and how they are written."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from investigator.models.issue_state import Episode, IssueState, Moment, Settlement
from investigator.models.sentry import SentryIssue
from investigator.reconcile.news import News, body_of, is_stranger, news_of
from investigator.sentry.parse import parse_notice

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SINCE = NOON - timedelta(minutes=7)
OLD = NOON - timedelta(days=3)
NEW = NOON - timedelta(minutes=4)


def issue(
    status: str = "unresolved", substatus: str | None = "new", first: datetime | None = NEW
) -> SentryIssue:
    return SentryIssue(
        id="10",
        short_id="WEB-1",
        title="KeyError: 'total'",
        status=status,
        substatus=substatus,
        error_type="KeyError",
        error_value="'total'",
        project="web",
        project_id="4",
        first_seen=first,
        last_seen=NEW,
        web_url="https://sentry.example/organizations/acme/issues/10/",
    )


def known(status: str, told_at: datetime = OLD) -> IssueState:
    """Unseen, open, resolved or ignored, since before the window."""
    if status == "unseen":
        return IssueState(issue_id="10")
    episode = Episode(incident_id="1", kind="created", began=Moment(at=OLD))
    if status == "open":
        return IssueState(issue_id="10", episodes=(episode,))
    settled = Settlement.model_validate({"moment": Moment(at=OLD), "status": status, "told_at": told_at})
    return IssueState(issue_id="10", episodes=(episode,), settlements=(settled,))


def action(issue: SentryIssue, state: IssueState | None) -> str | None:
    news = news_of(issue, state, since=SINCE, known_by=NOON)
    return news.action if news else None


@pytest.mark.parametrize("state", [None, known("unseen")])
def test_of_an_unknown_issue_only_that_it_is_new_is_news(state: IssueState | None) -> None:
    assert action(issue(), state) == "created"
    assert action(issue(substatus="escalating"), state) == "created"
    for other in (issue("resolved"), issue("ignored"), issue(first=OLD), issue(first=None)):
        assert action(other, state) is None


@pytest.mark.parametrize("status", ["resolved", "ignored"])
@pytest.mark.parametrize("substatus", ["regressed", "escalating"])
def test_a_settled_issue_that_is_back_is_news(status: str, substatus: str) -> None:
    assert action(issue(substatus=substatus, first=OLD), known(status)) == "unresolved"
    assert action(issue(substatus="ongoing", first=OLD), known(status)) is None, "a person only unarchived it"


@pytest.mark.parametrize("status", ["resolved", "ignored"])
def test_an_open_issue_that_was_settled_is_news(status: str) -> None:
    assert action(issue(status, None, OLD), known("open")) == status
    assert action(issue(substatus="regressed", first=OLD), known("open")) is None


def test_records_newer_than_sentrys_answer_are_not_overruled() -> None:
    just_now = known("resolved", told_at=NOON + timedelta(seconds=1))
    assert action(issue(substatus="regressed", first=OLD), just_now) is None


def test_only_old_unknown_issues_are_asked_for_their_history() -> None:
    back = issue(substatus="regressed", first=OLD)
    assert is_stranger(back, None, SINCE)
    assert not is_stranger(back, known("resolved"), SINCE)
    assert not is_stranger(issue(substatus="regressed"), None, SINCE), "it is new, which is news already"
    assert not is_stranger(issue(substatus="ongoing", first=OLD), None, SINCE)


def test_news_reads_like_the_webhook_that_was_missed() -> None:
    notice = parse_notice(body_of(News(issue=issue(), action="created")))
    assert (notice.resource, notice.action, notice.issue_id) == ("issue", "created", "10")
    assert notice.issue is not None
    assert notice.issue.model_dump(exclude={"organization"}) == issue().model_dump(exclude={"organization"})


def test_the_same_news_has_the_same_bytes_whatever_was_counted_or_assigned_meanwhile() -> None:
    later = issue().model_copy(update={"count": 900, "user_count": 7, "assigned_to": "Ada"})
    assert body_of(News(issue=later, action="created")) == body_of(News(issue=issue(), action="created"))
    assert json.loads(body_of(News(issue=issue(), action="created")))["data"]["issue"]["lastSeen"]
