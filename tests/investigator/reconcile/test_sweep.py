"""What no webhook told us is found, once, whatever stops a sweep half-way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from investigator.delivery_codec import Fields
from investigator.durability import Durability
from investigator.errors import StoreUnavailable
from investigator.inbox_writer import InboxWriter
from investigator.reconcile import reading
from tests.fixtures.reconcile import NOON, Stage, before_noon

LATER = NOON + timedelta(minutes=2)


async def test_an_issue_whose_webhook_was_missed_is_investigated_once(stage: Stage) -> None:
    stage.issue(first=before_noon(minutes=3))
    swept = await stage.sweep()
    assert (swept.result, swept.deliveries) == ("complete", 1)
    [incident] = await stage.triaged()
    await stage.sweep(LATER)
    assert await stage.triaged() == [incident], "the next sweep found it again"
    assert stage.runs() == [f"investigate-{incident.id}-1"]
    assert incident.title == "Error"


async def test_what_a_sweep_found_says_so_in_the_inbox(stage: Stage) -> None:
    stage.issue(first=before_noon(minutes=3))
    await stage.sweep()
    [delivery] = await stage.inbox()
    assert (delivery.origin, delivery.received_at) == ("reconcile", NOON)


@pytest.mark.processes
async def test_an_hour_of_outage_is_caught_up_within_one_sweep_oldest_first(stage: Stage) -> None:
    await stage.sweep(NOON - timedelta(hours=1))
    for number in range(250):
        stage.issue(number, first=before_noon(seconds=3500 - 13 * number), project=f"service-{number}")
    stage.sentry.requests.clear()
    swept = await stage.sweep()
    assert (swept.result, swept.deliveries) == ("complete", 250)
    assert len(stage.sentry.requests) == 3
    incidents = await stage.triaged()
    assert [incident.issue_ids for incident in incidents] == [(str(1000 + n),) for n in range(250)]
    assert len(stage.runs()) == 250


async def test_a_webhook_and_a_sweep_of_the_same_issue_are_one_incident(stage: Stage) -> None:
    issue = stage.issue(first=before_noon(minutes=3))
    await stage.webhook("created", issue)
    assert (await stage.sweep()).deliveries == 1, "triage has not read the webhook yet"
    assert len(await stage.triaged()) == 1


async def test_a_webhook_that_comes_after_the_sweep_opens_no_second_incident(stage: Stage) -> None:
    issue = stage.issue(first=before_noon(minutes=3))
    await stage.sweep()
    assert len(await stage.triaged()) == 1
    await stage.webhook("created", issue, LATER)
    assert len(await stage.triaged()) == 1


async def test_what_webhooks_told_is_no_news(stage: Stage) -> None:
    await stage.webhook("created", stage.issue(first=before_noon(minutes=3)))
    await stage.triaged()
    assert (await stage.sweep()).deliveries == 0


@pytest.mark.parametrize("status", ["resolved", "ignored"])
async def test_an_issue_settled_while_we_were_away_settles_its_incident(stage: Stage, status: str) -> None:
    issue = stage.issue(first=before_noon(hours=5))
    await stage.webhook("created", issue, NOON - timedelta(hours=5))
    assert [incident.status for incident in await stage.triaged()] == ["open"]
    issue["status"] = status
    assert (await stage.sweep()).deliveries == 1, "no new event lists it, so it has to be asked about"
    assert [incident.status for incident in await stage.triaged()] == ["resolved"]
    assert (await stage.sweep(LATER)).deliveries == 0


async def test_a_settled_issue_that_still_has_events_settles_its_incident(stage: Stage) -> None:
    issue = stage.issue(first=before_noon(hours=5), last=before_noon(minutes=3))
    await stage.webhook("created", issue, NOON - timedelta(hours=5))
    await stage.triaged()
    issue["status"] = "ignored"
    await stage.sweep()
    assert [incident.status for incident in await stage.triaged()] == ["resolved"]


async def test_an_issue_merged_into_one_that_is_settled_settles_its_incident(stage: Stage) -> None:
    issue, other = (stage.issue(number, first=before_noon(hours=5)) for number in (1, 2))
    await stage.webhook("created", issue, NOON - timedelta(hours=5))
    await stage.triaged()
    other["status"] = "resolved"
    stage.sentry.issues[issue["id"]] = other  # Sentry answers with the other one from now on
    await stage.sweep()
    assert [incident.status for incident in await stage.triaged()] == ["resolved"]
    assert (await stage.sweep(LATER)).deliveries == 0


async def test_what_a_person_opened_is_not_taken_away(stage: Stage) -> None:
    issue = stage.issue(first=before_noon(hours=5))
    await stage.webhook("created", issue, NOON - timedelta(hours=5))
    [incident] = await stage.triaged()
    await stage.incidents.update(
        incident.id, lambda current: current.model_copy(update={"opened_by": "slack:1"})
    )
    issue["status"] = "ignored"
    assert (await stage.sweep()).deliveries == 0, "a person asked although it was archived"


@pytest.mark.parametrize("substatus", ["regressed", "escalating"])
async def test_an_issue_that_came_back_unheard_is_a_new_episode(stage: Stage, substatus: str) -> None:
    issue = stage.issue(first=before_noon(hours=5))
    await stage.webhook("created", issue, NOON - timedelta(hours=5))
    issue["status"] = "resolved"
    await stage.webhook("resolved", issue, NOON - timedelta(hours=4))
    await stage.triaged()
    issue.update(status="unresolved", substatus=substatus, lastSeen=before_noon(minutes=3))
    await stage.sweep()
    assert sorted(incident.status for incident in await stage.triaged()) == ["open", "resolved"]
    await stage.webhook("unresolved", issue)
    assert len(await stage.triaged()) == 2, "its webhook came late and opened it again"
    assert (await stage.sweep(LATER)).deliveries == 0


async def test_what_was_there_before_us_is_left_alone(stage: Stage) -> None:
    stage.issue(1, first=before_noon(days=40), last=before_noon(minutes=3), substatus="ongoing")
    stage.issue(2, first=before_noon(days=40), last=before_noon(minutes=3), status="ignored")
    stage.issue(3, first=before_noon(minutes=3), status="resolved")
    assert (await stage.sweep()).deliveries == 0


async def test_an_old_issue_unknown_to_us_that_regresses_now_is_opened(stage: Stage) -> None:
    old = {"first": before_noon(days=40), "last": before_noon(minutes=3), "substatus": "regressed"}
    stage.issue(1, **old)
    stage.sentry.add_activity("1001", "set_regression", before_noon(minutes=3))
    stage.issue(2, **old)
    stage.sentry.add_activity("1002", "set_regression", before_noon(days=2))
    await stage.sweep()
    assert [incident.issue_ids for incident in await stage.triaged()] == [("1001",)]
    stage.sentry.requests.clear()
    await stage.sweep(LATER)
    assert len(stage.sentry.requests) == 1, "the history of the other one is not read at every sweep"


class DyingWriter(InboxWriter):
    """Stands for a worker killed, or a store lost, after the first batch was written."""

    error: BaseException = SystemExit("killed")
    wrote = False

    async def write(self, deliveries: Sequence[Fields], seconds: float) -> None:
        if self.wrote:
            raise self.error
        self.wrote = True
        await super().write(deliveries, seconds)


@pytest.mark.parametrize("error", [SystemExit("killed"), StoreUnavailable("away")])
async def test_a_sweep_that_died_half_way_is_repeated_without_doubles(
    stage: Stage, error: BaseException
) -> None:
    for number in range(120):
        stage.issue(number, first=before_noon(seconds=1500 - number), project=f"service-{number}")
    dying = DyingWriter(stage.store, Durability())
    dying.error = error
    with pytest.raises(type(error)):
        await stage.sweep(writer=dying)
    assert len(await stage.inbox()) == 100
    assert (await stage.sweep(LATER)).deliveries == 120
    assert len(await stage.triaged()) == 120
    assert len(stage.runs()) == 120


async def test_more_than_one_sweep_may_read_is_left_to_the_next(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_PAGES", 1)
    for number in range(150):
        stage.issue(number, first=before_noon(seconds=1500 - number), project=f"service-{number}")
    swept = await stage.sweep()
    assert (swept.result, swept.deliveries) == ("partial", 100)
    assert (await stage.progress()).covered_until is None
    rest = await stage.sweep(LATER)
    assert (rest.result, rest.deliveries, rest.window.end) == ("complete", 50, swept.window.end)
    assert (await stage.progress()).covered_until == swept.window.end
    assert len(await stage.triaged()) == 150
