"""When Sentry fails, the window stays where it is and a later sweep looks at the same time."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.fixtures.reconcile import NOON, Stage, before_noon

API = "/api/0/organizations/acme/issues/"
LATER = NOON + timedelta(minutes=2)


@pytest.mark.parametrize(
    ("fault", "result"),
    [
        ({"status": 401, "body": b'{"detail":"Invalid token"}'}, "unauthorized"),
        ({"status": 403}, "forbidden"),
        ({"status": 429, "headers": {"Retry-After": "600"}}, "rate_limited"),
        ({"status": 503}, "server_error"),
        ({"status": 200, "body": b"<html>log in</html>"}, "bad_answer"),
        ({"status": 200, "body": b"{}"}, "bad_answer"),
        ({"hang": True}, "cut"),
    ],
)
async def test_a_sweep_that_fails_is_made_up_for(stage: Stage, fault: dict[str, Any], result: str) -> None:
    await stage.sweep(NOON - timedelta(minutes=2))
    covered = (await stage.progress()).covered_until
    stage.issue(first=before_noon(minutes=1))
    stage.sentry.faults.add(API, **fault)
    failed = await stage.sweep(seconds=0.3)
    assert (failed.result, failed.deliveries) == (result, 0)
    assert (await stage.progress()).covered_until == covered, "the window moved although nothing was read"
    stage.sentry.faults.clear()
    swept = await stage.sweep(NOON + timedelta(hours=3))
    assert (swept.result, swept.deliveries) == ("complete", 1), "what happened meanwhile was missed"


async def test_a_short_rate_limit_is_waited_for(stage: Stage) -> None:
    stage.issue(first=before_noon(minutes=3))
    stage.sentry.faults.add(API, status=429, headers={"Retry-After": "0"}, times=1)
    assert (await stage.sweep()).result == "complete"


def first_page(stage: Stage, **headers: str) -> dict[str, Any]:
    """What Sentry answers first, with these headers instead of its usual ones."""
    issues = sorted(stage.sentry.issues.values(), key=lambda issue: str(issue["lastSeen"]), reverse=True)
    link = '<https://sentry.example/>; rel="next"; results="true"; cursor="0:100:0"'
    return {"status": 200, "body": json.dumps(issues[:100]).encode(), "headers": {"Link": link, **headers}}


async def test_the_next_sweep_goes_on_from_the_page_a_rate_limit_stopped_at(stage: Stage) -> None:
    for number in range(150):
        stage.issue(number, first=before_noon(seconds=1500 - number))
    spent = {"X-Sentry-Rate-Limit-Remaining": "0", "Retry-After": "600"}
    stage.sentry.faults.add(API, **first_page(stage, **spent), times=1)
    swept = await stage.sweep()
    assert (swept.result, swept.deliveries) == ("partial", 100)
    assert len(stage.sentry.requests) == 1, "Sentry had said that it takes no more"
    assert (await stage.sweep(LATER)).deliveries == 50
    assert (await stage.progress()).covered_until == swept.window.end


async def test_what_was_read_before_a_failure_is_not_read_again(stage: Stage) -> None:
    for number in range(150):
        stage.issue(number, first=before_noon(seconds=1500 - number))
    stage.sentry.faults.add(API, **first_page(stage), times=1)
    stage.sentry.faults.add(API, status=500, times=2)
    swept = await stage.sweep()
    assert (swept.result, swept.deliveries) == ("server_error", 100)
    assert (await stage.sweep(LATER)).deliveries == 50


async def test_pages_that_go_in_circles_are_noticed(stage: Stage) -> None:
    stage.issue(first=before_noon(minutes=3))
    stage.sentry.faults.add(API, **first_page(stage))
    swept = await stage.sweep()
    assert (swept.result, swept.deliveries) == ("bad_answer", 1)
    assert len(stage.sentry.requests) == 2
    assert (await stage.progress()).under_way is None, "the next sweep must not go in circles too"


async def test_an_issue_sentry_has_deleted_is_passed_over(stage: Stage) -> None:
    issue = stage.issue(first=before_noon(hours=5))
    await stage.webhook("created", issue, NOON - timedelta(hours=5))
    await stage.triaged()
    del stage.sentry.issues[issue["id"]]
    assert (await stage.sweep()).result == "complete"


async def test_a_history_that_cannot_be_had_now_is_asked_for_again(stage: Stage) -> None:
    stage.issue(first=before_noon(days=40), last=before_noon(minutes=3), substatus="regressed")
    stage.sentry.add_activity("1001", "set_regression", before_noon(minutes=3))
    stage.sentry.faults.add(f"{API}1001/activities/", status=500, times=2)
    assert (await stage.sweep()).result == "server_error"
    assert (await stage.progress()).covered_until is None
    assert (await stage.sweep(LATER)).deliveries == 1


async def test_a_history_that_is_refused_does_not_hold_up_the_rest(stage: Stage) -> None:
    stage.issue(1, first=before_noon(days=40), last=before_noon(minutes=3), substatus="regressed")
    stage.issue(2, first=before_noon(minutes=3))
    stage.sentry.faults.add(f"{API}1001/activities/", status=403)
    swept = await stage.sweep()
    assert (swept.result, swept.deliveries) == ("complete", 1)
