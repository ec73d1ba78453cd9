from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from sandbox.sentry import SentrySandbox, webhook_event_alert, webhook_issue
from tests.fixtures.sentry import serving, stored_event

API = "/api/0/organizations/acme"


@pytest.fixture
def sandbox() -> SentrySandbox:
    sentry = SentrySandbox()
    sentry.add_issue({"id": "77"})
    sentry.add_issue({"id": "78", "status": "resolved", "lastSeen": "2026-03-01T10:15:00Z"})
    return sentry


@pytest.fixture
async def session(sandbox: SentrySandbox) -> AsyncIterator[aiohttp.ClientSession]:
    headers = {"Authorization": f"Bearer {sandbox.token}"}
    async with serving(sandbox.app) as url, aiohttp.ClientSession(url, headers=headers) as client:
        yield client


async def listed(session: aiohttp.ClientSession, **query: str) -> list[str]:
    async with session.get(f"{API}/issues/", params=query) as response:
        return [issue["id"] for issue in await response.json()]


@pytest.mark.parametrize(
    ("authorization", "detail"),
    [("Bearer wrong", "Invalid token"), (None, "Authentication credentials were not provided.")],
)
async def test_requests_without_the_token_are_refused(
    sandbox: SentrySandbox, authorization: str | None, detail: str
) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    async with (
        serving(sandbox.app) as url,
        aiohttp.ClientSession(url, headers=headers) as client,
        client.get(f"{API}/issues/77/") as response,
    ):
        assert (response.status, await response.json()) == (401, {"detail": detail})


@pytest.mark.parametrize(
    "path", ["issues/1/", "issues/77/events/latest/", "shortids/NO-1/", "releases/x/", "nothing/"]
)
async def test_what_is_not_there_is_a_json_404(session: aiohttp.ClientSession, path: str) -> None:
    async with session.get(f"{API}/{path}") as response:
        assert response.status == 404
        assert "detail" in await response.json()
        assert int(response.headers["X-Sentry-Rate-Limit-Remaining"]) > 0


async def test_issues_without_a_query_are_the_unresolved_ones(session: aiohttp.ClientSession) -> None:
    assert await listed(session) == ["77"], "the real Sentry hides resolved issues by default"
    assert await listed(session, query="") == ["77", "78"]
    assert await listed(session, query="is:resolved") == ["78"]
    assert await listed(session, query="", start="2026-03-02T00:00:00") == ["77"]


async def test_pages_are_linked_in_both_directions(session: aiohttp.ClientSession) -> None:
    async with session.get(f"{API}/issues/", params={"query": "", "limit": "1"}) as response:
        links = response.headers["Link"]
    assert 'rel="previous"; results="false"' in links
    assert 'rel="next"; results="true"; cursor="0:1:0"' in links
    assert await listed(session, query="", limit="1", cursor="0:1:0") == ["78"]


async def test_an_issue_can_be_resolved(sandbox: SentrySandbox, session: aiohttp.ClientSession) -> None:
    async with session.put(f"{API}/issues/77/", json={"status": "resolvedInNextRelease"}) as response:
        assert (await response.json())["status"] == "resolved"
    async with session.put(f"{API}/issues/77/", json={"status": "gone"}) as response:
        assert response.status == 400
    assert sandbox.issues["77"]["statusDetails"] == {"inNextRelease": True}


async def test_events_are_shown_in_the_api_shape(
    sandbox: SentrySandbox, session: aiohttp.ClientSession
) -> None:
    sandbox.add_event("77", stored_event())
    async with session.get(f"{API}/issues/77/events/latest/") as response:
        event = await response.json()
    by_type = {entry["type"]: entry["data"] for entry in event["entries"]}
    frame = by_type["exception"]["values"][1]["stacktrace"]["frames"][-1]
    assert (frame["lineNo"], frame["inApp"]) == (12, True)
    assert [number for number, _ in frame["context"]] == [10, 11, 12, 13]
    assert {"key": "region", "value": "eu"} in event["tags"]
    assert {"request", "breadcrumbs"} <= by_type.keys()


async def test_a_delivery_is_signed_and_written_as_sentry_does(sandbox: SentrySandbox) -> None:
    received: list[tuple[bytes, Any]] = []

    async def receive(request: web.Request) -> web.Response:
        received.append((await request.read(), request.headers.copy()))
        return web.Response(status=202)

    app = web.Application()
    app.router.add_post("/sentry/webhook", receive)
    event = sandbox.add_event("77", stored_event(title="café"))
    body = webhook_event_alert(sandbox.issues["77"], event, sender=sandbox.sender)
    async with serving(app) as url, aiohttp.ClientSession() as session:
        status = await sandbox.deliver(
            f"{url}/sentry/webhook", "event_alert", body, session=session, idempotency_key="k" * 32
        )

    ((raw, headers),) = received
    expected = hmac.new(sandbox.client_secret.encode(), raw, hashlib.sha256).hexdigest()
    assert status == 202
    assert headers["Sentry-Hook-Signature"] == expected
    assert (headers["Sentry-Hook-Resource"], headers["Idempotency-Key"]) == ("event_alert", "k" * 32)
    assert int(headers["Sentry-Hook-Timestamp"]) > 0
    assert raw.isascii(), "Sentry escapes everything outside ASCII"
    assert b'": ' not in raw, "Sentry writes no spaces"
    assert json.loads(raw) == body


def test_webhooks_carry_the_links_and_extras_of_their_kind(sandbox: SentrySandbox) -> None:
    issue = sandbox.issues["77"]
    event = webhook_event_alert(issue, stored_event())["data"]["event"]
    assert event["project"] == 4509000001, "an event names its project by number only"
    assert event["url"].endswith(f"/api/0/projects/acme/checkout-web/events/{event['event_id']}/")
    assert event["issue_url"].endswith("/api/0/organizations/acme/issues/77/")
    resolved = webhook_issue("resolved", issue)["data"]
    assert resolved["resolution_type"] == "now"
    assert {"url", "web_url", "project_url"} <= resolved["issue"].keys()
