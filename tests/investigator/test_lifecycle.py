"""Promise 4: only what broke, or broke again, starts an investigation; signed times say what is newer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from investigator.lifecycle import Decision, asked, decide
from investigator.models.issue_state import IssueState
from investigator.models.sentry import Notice, Resource, SentryEvent, SentryIssue

T0 = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
UNSEEN = IssueState(issue_id="1")


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def issue(action: str, minutes: float = 0, substatus: str | None = None, **fields: Any) -> Notice:
    """An issue webhook whose body knows an event at `minutes`; its status fits the action."""
    status = {"resolved": "resolved", "ignored": "ignored", "archived": "ignored"}.get(action, "unresolved")
    told = {"status": status, "substatus": substatus, "first_seen": T0, "last_seen": at(minutes), **fields}
    return Notice(resource="issue", action=action, issue_id="1", issue=SentryIssue(id="1", **told))


def regressed(minutes: float, **fields: Any) -> Notice:
    return issue("unresolved", minutes, "regressed", **fields)


def alert(minutes: float, resource: Resource = "event_alert") -> Notice:
    event = SentryEvent(issue_id="1", occurred_at=at(minutes))
    return Notice(resource=resource, action="triggered", issue_id="1", event=event)


def activity(kind: str, minutes: float, **fields: Any) -> Notice:
    told = SentryIssue(id="1", last_seen=at(minutes), **fields)
    return Notice(resource="activity_alert", action="triggered", issue_id="1", activity_type=kind, issue=told)


def told(*notices: Notice, state: IssueState = UNSEEN) -> tuple[list[str], IssueState]:
    """The steps these notices make one after the other, and the state in the end."""
    steps = list[str]()
    for number, notice in enumerate(notices):
        decision = after(state, notice, incident=f"i{number}")
        steps.append(decision.step)
        state = decision.state
    return steps, state


def after(state: IssueState, notice: Notice, incident: str = "i") -> Decision:
    decision = decide(state, notice, T0 + timedelta(days=30))
    return decision.model_copy(update={"state": decision.state.with_incident(incident)})


def standings(state: IssueState) -> list[str]:
    return [state.standing(index) for index in range(len(state.episodes))]


@pytest.mark.parametrize(
    ("notices", "steps", "status"),
    [
        ([issue("created")], ["open"], "open"),
        ([alert(0)], ["open"], "open"),
        ([alert(0, "error")], ["open"], "open"),
        ([alert(0, "legacy_plugin")], ["open"], "open"),
        ([issue("created"), alert(0)], ["open", "count"], "open"),
        ([alert(0), issue("created")], ["open", "known"], "open"),
        ([issue("created"), issue("created", 1)], ["open", "ignore"], "open"),
        ([issue("created"), issue("resolved", 5)], ["open", "settle"], "resolved"),
        ([issue("created"), issue("ignored", 5)], ["open", "settle"], "ignored"),
        ([issue("created"), issue("archived", 5)], ["open", "settle"], "ignored"),
        ([issue("created"), activity("status_resolved", 5)], ["open", "settle"], "resolved"),
        ([issue("created"), issue("resolved", 5), regressed(20)], ["open", "settle", "open"], "open"),
        (
            [issue("created"), issue("ignored", 5), issue("unresolved", 20, "escalating")],
            ["open", "settle", "open"],
            "open",
        ),
        (
            [issue("created"), issue("resolved", 5), issue("unresolved", 5, "ongoing")],
            ["open", "settle", "ignore"],
            "resolved",
        ),
        (
            [issue("created"), issue("resolved", 5), activity("status_regression", 20)],
            ["open", "settle", "open"],
            "open",
        ),
        ([issue("created"), issue("ignored", 5), alert(9)], ["open", "settle", "count"], "ignored"),
        ([regressed(20)], ["open"], "open"),
    ],
)
def test_what_notices_do_to_their_issue(notices: list[Notice], steps: list[str], status: str) -> None:
    taken, state = told(*notices)
    assert taken == steps
    assert state.status == status


@pytest.mark.parametrize(
    "action", ["assigned", "resolved", "ignored", "archived", "unresolved", "", "merged"]
)
@pytest.mark.parametrize("before", [[], [issue("created"), issue("resolved", 5)]])
def test_lifecycle_news_never_opens_an_incident(before: list[Notice], action: str) -> None:
    _, state = told(*before)
    assert after(state, issue(action, 30)).step == "ignore"


@pytest.mark.parametrize(
    "resource",
    sorted(set(get_args(Resource)) - {"issue", "error", "event_alert", "activity_alert", "legacy_plugin"}),
)
def test_other_resources_start_nothing(resource: Resource) -> None:
    notice = Notice(resource=resource, action="created", issue_id="1")
    assert after(UNSEEN, notice).step == "ignore"


# --- late and out of order


def test_created_after_resolved_is_recorded_and_starts_nothing() -> None:
    steps, state = told(issue("resolved", 5), issue("created"))
    assert steps == ["ignore", "record"]
    assert standings(state) == ["resolved"]


def test_the_status_in_the_body_is_newer_than_the_action() -> None:
    steps, state = told(issue("created", status="resolved"))
    assert (steps, standings(state)) == (["record"], ["resolved"]), "created, and resolved since"
    steps, state = told(issue("created"), issue("resolved", 9, "regressed", status="unresolved"))
    assert (steps, standings(state)) == (["open", "ignore"], ["open"]), "resolved, and back since"
    steps, state = told(issue("created"), regressed(9, status="ignored"))
    assert (steps[0], standings(state)[-1]) == ("open", "ignored"), "back, and archived since"


def test_a_late_resolution_of_an_earlier_episode_leaves_the_new_one_open() -> None:
    steps, state = told(issue("created"), regressed(60), issue("resolved", 5))
    assert steps == ["open", "open", "ignore"]
    assert standings(state) == ["resolved", "open"]


def test_a_regression_that_comes_after_its_own_resolution_is_recorded_only() -> None:
    steps, state = told(issue("created"), issue("resolved", 5), issue("resolved", 90), regressed(60))
    assert steps == ["open", "settle", "ignore", "record"]
    assert standings(state) == ["resolved", "resolved"]


def test_an_alert_that_was_taken_for_the_first_moves_to_the_regression_it_belongs_to() -> None:
    steps, state = told(alert(200), issue("resolved", 5), regressed(60), alert(1), issue("created"))
    assert steps == ["open", "settle", "known", "record", "known"]
    assert standings(state) == ["resolved", "open"], "the old settlement no longer ends what goes on"
    steps, state = told(alert(200), issue("resolved", 90), regressed(60))
    assert standings(state) == ["resolved", "open"], "settled in between: the alert is of a later one"


def test_one_regression_told_three_times_is_one_episode() -> None:
    for order in ([0, 1, 2], [1, 2, 0], [2, 1, 0], [2, 0, 1]):
        news = [regressed(60), activity("status_regression", 61), alert(60)]
        steps, state = told(*(news[index] for index in order))
        assert (steps[0], len(state.episodes)) == ("open", 1), order
        assert set(steps[1:]) <= {"known", "count"}, order


def test_a_regression_of_an_issue_whose_resolution_we_missed_is_a_new_episode() -> None:
    steps, state = told(issue("created"), regressed(60), regressed(4000))
    assert steps == ["open", "open", "open"]
    assert standings(state) == ["superseded", "superseded", "open"]


def test_a_settlement_between_two_quick_regressions_tells_them_apart() -> None:
    steps, _ = told(regressed(60), issue("resolved", 61), regressed(63))
    assert steps == ["open", "settle", "open"]


def test_a_settlement_that_was_told_before_its_twin_in_time_still_tells_two_regressions_apart() -> None:
    _, state = told(issue("ignored", 4, count=3), regressed(4, count=3), regressed(6, count=4))
    assert standings(state) == ["superseded", "open"]


def test_events_go_to_the_episode_in_which_they_happened() -> None:
    _, state = told(issue("created"), alert(1), alert(61), alert(62), issue("resolved", 5), regressed(60))
    assert [episode.events for episode in state.episodes] == [1, 2]


def test_an_episode_before_the_first_we_heard_of_keeps_its_number_free() -> None:
    _, state = told(regressed(60))
    assert state.episode == 2, "a regression has had an episode before it"
    _, state = told(regressed(60), issue("created"))
    assert [state.number(index) for index in (0, 1)] == [1, 2]


def test_when_two_bodies_know_the_same_last_event_their_counts_decide() -> None:
    _, state = told(issue("created", count=1), issue("resolved", 5, count=7))
    assert after(state, regressed(5, count=6)).step == "record", "six events are fewer than seven"
    assert after(state, regressed(5, count=8)).step == "open"
    assert after(state, regressed(5, count=7)).step == "open", "in doubt the run asks Sentry"


def test_a_clock_that_runs_ahead_does_not_close_the_future() -> None:
    _, state = told(issue("created"), issue("resolved", 60 * 24 * 365 * 20))
    decision = decide(state, regressed(60 * 24 * 31), T0 + timedelta(days=31))
    assert decision.step == "open"


def test_alerts_of_a_settled_issue_open_nothing_and_are_counted_once_it_is_back() -> None:
    steps, state = told(issue("ignored", 5), alert(60), alert(61), regressed(60))
    assert steps == ["ignore", "ignore", "ignore", "open"]
    assert [episode.events for episode in state.episodes] == [2]


def test_the_record_of_an_issue_that_flaps_for_ever_stays_small() -> None:
    state = UNSEEN
    for minute in range(0, 60 * 100, 60):
        for notice in (regressed(minute), alert(minute + 1), issue("resolved", minute + 2)):
            state = after(state, notice, incident=str(minute)).state
    assert len(state.model_dump_json()) < 10_000
    assert state.episode == 101
    assert after(state, issue("created")).step == "ignore"
    assert after(state, regressed(30)).step == "ignore"


# --- a person asks


def test_asking_about_a_settled_issue_is_an_episode_that_later_news_settles() -> None:
    _, state = told(issue("created"), issue("resolved", 5))
    known = SentryIssue(id="1", status="resolved", last_seen=at(5))
    state = asked(state, known, T0 + timedelta(days=1)).with_incident("asked")
    assert (state.status, state.incident_id, state.episode) == ("open", "asked", 2)
    assert after(state, issue("resolved", 5)).step == "settle"


def test_the_webhooks_of_an_issue_a_person_asked_about_first_open_nothing() -> None:
    state = asked(UNSEEN, SentryIssue(id="1", last_seen=at(2), first_seen=T0), at(3)).with_incident("asked")
    steps, _ = told(issue("created"), alert(1), issue("resolved", 2), state=state)
    assert steps == ["known", "count", "settle"]
