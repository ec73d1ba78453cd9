from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from investigator.deadline import Deadline
from investigator.errors import OutsideCallFailed
from investigator.sentry.client import SentryClient
from sandbox.sentry import SentrySandbox
from tests.faults.certificates import Certificates
from tests.faults.way import Way
from tests.fixtures.sentry import RELEASE, running_sentry, stored_event

API = "/api/0/organizations/acme"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def sandbox() -> SentrySandbox:
    """A Sentry with one issue, two events and a release with a slash and a plus in its name."""
    sentry = SentrySandbox()
    sentry.add_issue({"id": "77", "count": "12"})
    sentry.add_event("77", stored_event(event_id="a" * 32))
    sentry.add_event("77", stored_event(event_id="b" * 32))
    sentry.add_release(
        "web/shop@1.0+2",
        data={"dateReleased": "2026-03-02T10:05:00Z"},
        deploys=[
            {"id": "5", "environment": "production", "name": "", "dateFinished": "2026-03-02T10:10:00Z"}
        ],
        commits=[{"id": "c" * 40}, {"id": "d" * 40}],
    )
    return sentry


async def failure(call: Awaitable[object]) -> OutsideCallFailed:
    with pytest.raises(OutsideCallFailed) as caught:
        await call
    assert caught.value.service == "Sentry"
    return caught.value


async def test_issue_event_and_short_id_are_read(sandbox: SentrySandbox) -> None:
    async with running_sentry(sandbox) as client:
        issue = await client.issue("77")
        latest, oldest = await client.event("77"), await client.event("77", "oldest")
        assert (issue.count, issue.project) == (12, "checkout-web")
        assert (latest.event_id, oldest.event_id) == ("b" * 32, "a" * 32)
        assert latest.frames[-1].function == "total"
        assert await client.resolve_short_id("checkout-web-1") == "77"
        assert client.requests == 4, "every request must be counted"


async def test_release_of_any_name_is_read(sandbox: SentrySandbox) -> None:
    version = "web/shop@1.0+2"
    async with running_sentry(sandbox) as client:
        release = await client.release(version)
        (deploy,) = await client.deploys(version)
        commits = await client.release_commits(version)
    assert (release.version, release.last_commit, release.commit_count) == (version, "c" * 40, 2)
    assert (deploy.source, deploy.environment, deploy.name) == ("sentry_deploy", "production", version)
    assert deploy.at == datetime(2026, 3, 2, 10, 10, tzinfo=UTC)
    assert commits == ("c" * 40, "d" * 40)


@pytest.mark.parametrize("name", ["..", ".", ""])
async def test_names_that_would_change_the_path_are_never_sent(sandbox: SentrySandbox, name: str) -> None:
    async with running_sentry(sandbox) as client:
        assert (await failure(client.deploys(name))).kind == "rejected"
        assert client.requests == 0


async def test_all_issues_of_a_time_come_page_by_page(sandbox: SentrySandbox) -> None:
    statuses = ["unresolved", "resolved", "ignored"]
    for number in range(230):
        seen = (NOON + timedelta(seconds=number)).isoformat()
        sandbox.add_issue({"id": str(1000 + number), "status": statuses[number % 3], "lastSeen": seen})
    async with running_sentry(sandbox) as client:
        pages = [await client.issues_page(NOON, NOON + timedelta(hours=1))]
        while pages[-1].next:
            cursor = pages[-1].next
            pages.append(await client.issues_page(NOON, NOON + timedelta(hours=1), cursor=cursor))
    found = [issue for page in pages for issue in page.issues]
    assert len({issue.id for issue in found}) == 230, "resolved and ignored issues must be listed too"
    assert found[0].id == "1229", "the one seen last comes first"
    assert {page.pause for page in pages} == {0.0}, "Sentry takes more requests"
    assert client.requests == 3
    assert "query=&" in sandbox.requests[0][1], "without an empty query Sentry hides resolved issues"
    assert "project=-1" in sandbox.requests[0][1], "without it Sentry shows only projects one is a member of"


@pytest.mark.parametrize(
    ("status", "kind", "requests"),
    [
        (401, "unauthorized", 1),
        (403, "forbidden", 1),
        (404, "not_found", 1),
        (429, "rate_limited", 1),
        (400, "rejected", 1),
        (302, "bad_answer", 1),
        (500, "server_error", 2),
        (503, "server_error", 2),
    ],
)
async def test_every_status_is_a_kind_of_failure(
    sandbox: SentrySandbox, status: int, kind: str, requests: int
) -> None:
    sandbox.faults.add(API, status=status, body=b'{"detail":"you cannot \\u0000 do that"}')
    async with running_sentry(sandbox) as client:
        failed = await failure(client.issue("77"))
        assert failed.kind == kind
        assert client.requests == requests, "only what may pass by itself is tried again"
        if status != 302:
            assert f"{status} you cannot  do that" in failed.detail, (
                "Sentry's own words help to find the cause"
            )


async def test_one_server_error_is_survived(sandbox: SentrySandbox) -> None:
    sandbox.faults.add(API, status=502, body=b"<html>bad gateway</html>", content_type="text/html", times=1)
    async with running_sentry(sandbox) as client:
        assert (await client.issue("77")).id == "77"
        assert client.requests == 2


@pytest.mark.parametrize(
    ("header", "value"),
    [("Retry-After", lambda: 300), ("X-Sentry-Rate-Limit-Reset", lambda: int(time.time()) + 3600)],
    ids=["seconds", "epoch"],
)
async def test_rate_limit_says_how_long_to_wait(
    sandbox: SentrySandbox, header: str, value: Callable[[], int]
) -> None:
    sandbox.faults.add(API, status=429, headers={header: str(value())})
    async with running_sentry(sandbox) as client:
        failed = await failure(client.issue("77"))
    assert failed.retry_after is not None
    assert 0 < failed.retry_after <= 3600, "the wait is in seconds from now"


@pytest.mark.parametrize("body", [b"<html>log in</html>", b'{"id": "77', b"", b"[]", b"{}", b"null"])
async def test_answers_that_are_no_issue_are_bad_answers(sandbox: SentrySandbox, body: bytes) -> None:
    sandbox.faults.add(API, status=200, body=body)
    async with running_sentry(sandbox) as client:
        assert (await failure(client.issue("77"))).kind == "bad_answer"


async def test_a_hang_ends_after_the_timeout_and_one_retry(sandbox: SentrySandbox) -> None:
    sandbox.faults.add(API, hang=True)
    async with running_sentry(sandbox, timeout_seconds=0.1) as client:
        assert (await failure(client.issue("77"))).kind == "timeout"
        assert client.requests == 2


async def test_a_hang_ends_at_the_deadline(sandbox: SentrySandbox) -> None:
    sandbox.faults.add(API, hang=True)
    async with running_sentry(sandbox, timeout_seconds=30) as client:
        assert (await failure(client.issue("77", deadline=Deadline.after(0.1)))).kind == "cut"
        assert (await failure(client.issue("77", deadline=Deadline.after(0)))).kind == "cut"
        assert client.requests == 1, "nothing is sent when no time is left"


async def test_nobody_listening_is_unreachable() -> None:
    async with aiohttp.ClientSession() as session:
        for url in ("http://127.0.0.1:9", "sentry.example", "http://"):
            client = SentryClient(session, url, "acme", "secret-token")
            failed = await failure(client.issue("77"))
            assert failed.kind == "unreachable", f"{url} gave {failed}"


async def test_a_certificate_that_does_not_hold_is_named_in_words(tmp_path: Path) -> None:
    secured = Way(9, Certificates(tmp_path).context)  # trusted by nobody here
    async with secured.serving(), aiohttp.ClientSession() as session:
        client = SentryClient(session, f"https://127.0.0.1:{secured.port}", "acme", "secret-token")
        failed = await failure(client.issue("77"))
    assert (failed.kind, "certificate" in failed.detail, "Error" in failed.detail) == (
        "unreachable",
        True,
        False,
    )


@pytest.mark.parametrize(
    "call",
    [lambda client: client.issue("77"), lambda client: client.release(RELEASE)],
    ids=["issue", "release"],
)
async def test_a_wrong_token_is_named_as_such_and_not_repeated(
    sandbox: SentrySandbox, call: Callable[[SentryClient], Awaitable[object]]
) -> None:
    async with running_sentry(sandbox, token="wrong-s3cret") as client:
        failed = await failure(call(client))
    assert failed.kind == "unauthorized"
    assert "wrong-s3cret" not in str(failed)
    assert "wrong-s3cret" not in repr(client._transport), "a token must not get into logs by way of repr"


async def test_rows_that_are_no_issues_are_passed_over(sandbox: SentrySandbox) -> None:
    sandbox.faults.add(API, status=200, body=b'[{"id":"1"},7,{}]')
    async with running_sentry(sandbox) as client:
        page = await client.issues_page(NOON, NOON)
    assert [issue.id for issue in page.issues] == ["1"]
    assert page.next is None


async def test_an_answer_that_spends_the_last_request_says_how_long_to_wait(sandbox: SentrySandbox) -> None:
    spent = {"X-Sentry-Rate-Limit-Remaining": "0", "X-Sentry-Rate-Limit-Reset": str(int(time.time()) + 60)}
    sandbox.faults.add(API, status=200, body=b"[]", headers=spent)
    async with running_sentry(sandbox) as client:
        assert 0 < (await client.issues_page(NOON, NOON)).pause <= 60


async def test_the_history_of_an_issue_says_when_it_came_back(sandbox: SentrySandbox) -> None:
    for kind, at in (("set_regression", NOON), ("set_resolved", NOON + timedelta(hours=1))):
        sandbox.add_activity("77", kind, at.isoformat())
    sandbox.add_issue({"id": "78"})
    async with running_sentry(sandbox) as client:
        assert await client.reopened_at("77") == NOON
        assert await client.reopened_at("78") is None
