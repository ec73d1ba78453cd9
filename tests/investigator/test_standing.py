"""An incident says what its issue's episodes and Sentry's own answer say, and is never opened again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from investigator.models.incident import Incident
from investigator.models.issue_state import Episode, IssueState, Moment, Settlement
from investigator.models.sentry import SentryIssue
from investigator.standing import as_sentry_says, in_line

T0 = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
NOW = T0 + timedelta(days=1)
OPEN = Incident(id="7", opened_at=T0, opened_by="x", service="shop", channel="#shop", issue_ids=("1",))
SECOND = OPEN.model_copy(update={"id": "8"})


def moment(minutes: float) -> Moment:
    return Moment(at=T0 + timedelta(minutes=minutes))


TWO_EPISODES = IssueState(
    issue_id="1",
    episodes=(
        Episode(incident_id="7", kind="created", began=moment(0)),
        Episode(incident_id="8", kind="reopened", began=moment(60)),
    ),
)


@pytest.mark.parametrize(
    ("status", "by"), [("resolved", "Sentry"), ("ignored", "Sentry (archived)"), ("unresolved", None)]
)
def test_an_issue_that_was_settled_by_the_time_it_is_read_settles_its_incident(
    status: str, by: str | None
) -> None:
    after = as_sentry_says(OPEN, SentryIssue(id="1", status=status), NOW)
    assert (after.status, after.resolved_by) == ("resolved" if by else "open", by)


def test_sentry_that_cannot_be_asked_changes_nothing() -> None:
    assert as_sentry_says(OPEN, None, NOW) == OPEN


def test_a_resolved_incident_stays_as_it_is() -> None:
    resolved = as_sentry_says(OPEN, SentryIssue(id="1", status="resolved"), NOW)
    assert as_sentry_says(resolved, SentryIssue(id="1", status="ignored"), T0) == resolved
    assert as_sentry_says(resolved, SentryIssue(id="1", status="unresolved"), T0) == resolved


def test_an_episode_whose_end_nobody_told_ends_with_the_next() -> None:
    after = in_line(OPEN, {"1": TWO_EPISODES})
    assert (after.status, after.resolved_by) == ("resolved", "the next episode, #8")
    assert in_line(SECOND, {"1": TWO_EPISODES}).status == "open"


def test_a_settlement_says_who_and_when_we_heard() -> None:
    settlement = Settlement(moment=moment(61), status="ignored", told_at=NOW)
    state = TWO_EPISODES.model_copy(update={"settlements": (settlement,)})
    after = in_line(SECOND, {"1": state})
    assert (after.status, after.resolved_by, after.resolved_at) == ("resolved", "Sentry (archived)", NOW)
    assert after.episode == 2


def test_an_incident_is_opened_again_only_when_its_settlement_was_of_an_earlier_episode() -> None:
    earlier = Settlement(moment=moment(5), status="resolved", told_at=NOW)
    state = TWO_EPISODES.model_copy(update={"settlements": (earlier,)})
    mistaken = SECOND.model_copy(update={"status": "resolved", "resolved_at": NOW, "resolved_by": "Sentry"})
    assert in_line(mistaken, {"1": state}).status == "open"
    read_again = mistaken.model_copy(update={"resolved_at": NOW + timedelta(minutes=1)})
    assert in_line(read_again, {"1": state}).status == "resolved", "Sentry itself was asked"


def test_an_incident_of_several_issues_is_over_when_all_of_them_are() -> None:
    together = OPEN.model_copy(update={"issue_ids": ("1", "2")})

    def state(issue_id: str, *settlements: Settlement) -> IssueState:
        episode = Episode(incident_id="7", kind="created", began=moment(0))
        return IssueState(issue_id=issue_id, episodes=(episode,), settlements=settlements)

    first = Settlement(moment=moment(5), status="resolved", told_at=NOW)
    last = Settlement(moment=moment(6), status="ignored", told_at=NOW + timedelta(minutes=1))
    one_left = in_line(together, {"1": state("1", first), "2": state("2")})
    assert one_left.status == "open"
    over = in_line(together, {"1": state("1", first), "2": state("2", last)})
    assert (over.status, over.resolved_by, over.resolved_at) == (
        "resolved",
        "Sentry (archived)",
        last.told_at,
    )
