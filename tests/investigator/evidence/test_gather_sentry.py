from __future__ import annotations

from typing import Any

import pytest

from investigator.deadline import Deadline
from investigator.evidence.sentry import SentryEvidence, gather_sentry
from investigator.models.sentry import SentryEvent, SentryIssue
from investigator.sentry.client import SentryClient
from investigator.sentry.parse import parse_event
from sandbox.sentry import SentrySandbox
from tests.fixtures.sentry import RELEASE, running_sentry, stored_event

API = "/api/0/organizations/acme"
WHOLE = parse_event(stored_event(issue_id="77"))
BARE = parse_event({"event_id": "e" * 32, "issue_id": "77"})
STALE = SentryIssue(id="77", status="unresolved", count=1)


@pytest.fixture
def sandbox() -> SentrySandbox:
    sentry = SentrySandbox()
    sentry.add_issue({"id": "77", "status": "resolved", "count": "12"})
    sentry.add_event("77", stored_event(event_id="b" * 32))
    sentry.add_release(
        RELEASE,
        data={"dateReleased": "2026-03-02T10:05:00Z"},
        deploys=[{"environment": "production", "name": "d1", "dateFinished": "2026-03-02T10:10:00Z"}],
        commits=[{"id": "c" * 40}],
    )
    return sentry


async def gather(
    client: SentryClient | None, event: SentryEvent | None = None, seconds: float = 5.0, **given: Any
) -> SentryEvidence:
    arguments = {"issue_id": None, "issue": None, **given}
    return await gather_sentry(client, event=event, deadline=Deadline.after(seconds), **arguments)


async def test_everything_is_found_from_an_issue_id_alone(sandbox: SentrySandbox) -> None:
    async with running_sentry(sandbox) as client:
        found = await gather(client, issue_id="77")
    assert found.event is not None
    assert found.event.event_id == "b" * 32
    assert found.issue is not None
    assert found.issue.status == "resolved"
    assert [deploy.source for deploy in found.deploys] == ["sentry_deploy", "sentry_release"], "newest first"
    assert found.release_commits == ("c" * 40,)
    assert (found.gaps, found.requests) == ((), 5)


async def test_an_event_with_frames_is_not_asked_for_again(sandbox: SentrySandbox) -> None:
    async with running_sentry(sandbox) as client:
        found = await gather(client, WHOLE, issue=STALE)
    assert found.event == WHOLE
    assert found.issue is not None
    assert found.issue.status == "resolved", "the issue is read again: the webhook's copy may be old"
    assert found.requests == 4
    assert not any("/events/" in path for _, path in sandbox.requests)


async def test_an_event_without_frames_gives_way_to_one_with_frames(sandbox: SentrySandbox) -> None:
    async with running_sentry(sandbox) as client:
        found = await gather(client, BARE)
    assert found.event is not None
    assert found.event.frames


async def test_an_event_without_frames_stays_if_sentry_has_no_better_one(sandbox: SentrySandbox) -> None:
    sandbox.add_event("77", stored_event(exception=None, release=None))
    async with running_sentry(sandbox) as client:
        found = await gather(client, BARE)
    assert found.event == BARE


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (401, "SENTRY_AUTH_TOKEN"),
        (403, "scopes"),
        (404, "SENTRY_ORG"),
        (429, "in 20 s"),
        (500, "status page"),
    ],
)
async def test_failures_of_one_kind_are_one_gap_with_a_remedy(
    sandbox: SentrySandbox, status: int, remedy: str
) -> None:
    sandbox.faults.add(API, status=status, headers={"Retry-After": "20"})
    async with running_sentry(sandbox) as client:
        found = await gather(client, WHOLE, issue=STALE)
    (gap,) = found.gaps
    assert remedy in gap.remedy
    assert str(status) in gap.why
    assert all(what in gap.what for what in ("issue", "deploys", "commits", RELEASE))
    assert (found.event, found.issue) == (WHOLE, STALE), "what the webhook brought is kept"


async def test_one_failing_endpoint_does_not_cost_the_others(sandbox: SentrySandbox) -> None:
    sandbox.faults.add(f"{API}/issues/77/events", status=200, body=b"<html>")
    sandbox.faults.add(f"{API}/releases", status=403)
    async with running_sentry(sandbox) as client:
        found = await gather(client, parse_event({"release": RELEASE}), issue_id="77")
    assert found.issue is not None
    assert sorted(gap.what for gap in found.gaps) == [
        f"release {RELEASE}, its deploys, its commits",
        "the latest event",
    ]


async def test_a_hanging_sentry_costs_no_more_than_the_deadline(sandbox: SentrySandbox) -> None:
    sandbox.faults.add(API, hang=True)
    async with running_sentry(sandbox) as client:
        found = await gather(client, WHOLE, seconds=0.15)
    (gap,) = found.gaps
    assert "cut" in gap.why
    assert found.requests == 4, "all were sent at once; none was repeated after the deadline"


@pytest.mark.parametrize(
    ("event", "issue", "missing"),
    [
        (WHOLE, None, "state and counts"),
        (BARE, STALE, "an event with its stack"),
        (WHOLE, STALE, f"release {RELEASE}"),
    ],
)
async def test_without_a_token_one_gap_says_what_it_would_have_brought(
    event: SentryEvent, issue: SentryIssue | None, missing: str
) -> None:
    found = await gather(None, event, issue=issue)
    (gap,) = found.gaps
    assert missing in gap.what
    assert "no Sentry token" in gap.why
    assert "SENTRY_AUTH_TOKEN" in gap.remedy


async def test_without_a_token_nothing_is_said_when_nothing_is_missing() -> None:
    complete = WHOLE.model_copy(update={"release": None})
    assert (await gather(None, complete, issue=STALE)).gaps == ()
    assert (await gather(None, None)).gaps == ()
