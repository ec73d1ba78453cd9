"""GitHub's webhooks: only GitHub is believed, and what it says holds at once."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from redis.asyncio import Redis

from bot.github_webhook import GitHubWebhook
from bot.request_body import BodyReader
from investigator import keys
from investigator.github.webhooks import recorded
from investigator.store import connect
from sandbox.serving import serve

SECRET = "shared with GitHub"
DEPLOYED: dict[str, Any] = {
    "repository": {"full_name": "Acme/Shop"},
    "deployment": {"sha": "a" * 40, "environment": "production", "creator": {"login": "ada"}},
    "deployment_status": {
        "state": "success",
        "created_at": "2026-03-02T09:00:00Z",
        "environment": "production",
        "log_url": "https://ci.test/7",
    },
}


def sign(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Hook:
    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._session = session

    async def post(self, body: bytes, **headers: str) -> tuple[int, dict[str, str]]:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._session.post(f"{self._url}/github/webhook", data=body, headers=names) as answer:
            return answer.status, await answer.json()

    async def send(self, event: str, payload: Any, delivery: str = "d-1") -> tuple[int, dict[str, str]]:
        """Signed as GitHub signs."""
        body = json.dumps(payload).encode()
        return await self.post(
            body, X_GitHub_Event=event, X_GitHub_Delivery=delivery, X_Hub_Signature_256=sign(body)
        )


async def hooked(store: Redis, *secrets: str, **options: Any) -> AsyncIterator[Hook]:
    app = web.Application()
    GitHubWebhook(secrets, store, **options).add_to(app)
    async with serve(app) as url, aiohttp.ClientSession() as session:
        yield Hook(url, session)


@pytest.fixture
async def hook(store: Redis) -> AsyncIterator[Hook]:
    async for each in hooked(store, "the old one", SECRET, reader=BodyReader(max_bytes=10_000)):
        yield each


async def test_a_deploy_is_recorded_the_moment_it_happens(hook: Hook, store: Redis) -> None:
    assert await hook.send("deployment_status", DEPLOYED) == (200, {"status": "recorded"})
    kept: Any = await store.lrange(keys.deploys("acme/shop"), 0, -1)
    [deploy] = recorded(kept)
    assert (deploy.sha, deploy.environment, deploy.url) == ("a" * 40, "production", "https://ci.test/7")
    assert deploy.by
    assert deploy.by.login == "ada"
    assert await store.ttl(keys.deploys("acme/shop")) > 0
    assert await store.get(keys.github_turn("acme/shop", "head")) == b"d-1", "the head may be another now"


async def test_only_a_deploy_that_succeeded_is_one(hook: Hook, store: Redis) -> None:
    failed = {**DEPLOYED, "deployment_status": {**DEPLOYED["deployment_status"], "state": "failure"}}
    assert await hook.send("deployment_status", failed) == (200, {"status": "recorded"})
    assert not await store.exists(keys.deploys("acme/shop"))


async def test_the_same_delivery_counts_once(hook: Hook, store: Redis) -> None:
    await hook.send("deployment_status", DEPLOYED)
    assert await hook.send("deployment_status", DEPLOYED) == (200, {"status": "duplicate"})
    assert await store.llen(keys.deploys("acme/shop")) == 1


async def test_deploys_are_bounded(hook: Hook, store: Redis) -> None:
    for number in range(55):
        await hook.send("deployment_status", DEPLOYED, f"d-{number}")
    assert await store.llen(keys.deploys("acme/shop")) == 50


@pytest.mark.parametrize(("event", "subject"), [("push", "head"), ("pull_request", "pulls")])
async def test_what_changed_no_longer_holds(hook: Hook, store: Redis, event: str, subject: str) -> None:
    assert (await hook.send(event, {"repository": {"full_name": "acme/shop"}}))[0] == 200
    assert await store.exists(keys.github_turn("acme/shop", subject))


async def test_other_events_are_ignored(hook: Hook) -> None:
    assert await hook.send("ping", {"zen": "…"}) == (200, {"status": "ignored"})
    assert await hook.send("star", []) == (200, {"status": "ignored"})


async def test_who_does_not_know_the_secret_is_refused(hook: Hook, store: Redis) -> None:
    body = json.dumps(DEPLOYED).encode()
    named = {"X_GitHub_Event": "deployment_status", "X_GitHub_Delivery": "d"}
    for signature in (sign(body, "guessed"), sign(body + b" "), "sha256=", "ü", sign(body)[7:]):
        status, answer = await hook.post(body, X_Hub_Signature_256=signature, **named)
        assert status == 401
        assert "GITHUB_WEBHOOK_SECRET" in answer["error"]
    status, answer = await hook.post(body, **named)
    assert (status, "no X-Hub-Signature-256" in answer["error"]) == (401, True)
    assert not await store.keys("github:*")
    old = await hook.post(body, X_Hub_Signature_256=sign(body, "the old one"), **named)
    assert old[0] == 200, "while a secret is changed both are good"


@pytest.mark.parametrize(
    "body",
    [
        b"payload=%7B%7D",
        b"",
        b"[]",
        b"{}",
        b'{"repository": {"full_name": 7}}',
        b'{"repository": {"full_name": "a/b"}, "deployment_status": {"state": "success"}}',
    ],
)
async def test_what_cannot_be_understood_is_a_400_that_says_why(hook: Hook, body: bytes) -> None:
    status, answer = await hook.post(
        body,
        X_GitHub_Event="deployment_status",
        X_GitHub_Delivery="d",
        X_Hub_Signature_256=sign(body),
    )
    assert status == 400
    assert answer["error"]


async def test_a_body_that_is_too_large_is_a_413(hook: Hook) -> None:
    assert (await hook.post(b"x" * 20_000))[0] == 413


async def test_a_delivery_without_its_headers_is_a_400(hook: Hook) -> None:
    assert (await hook.post(b"{}", X_Hub_Signature_256=sign(b"{}")))[0] == 400


async def test_without_a_secret_nothing_is_accepted(store: Redis) -> None:
    async for hook in hooked(store):
        status, answer = await hook.send("push", {"repository": {"full_name": "a/b"}})
        assert status == 404
        assert "set GITHUB_WEBHOOK_SECRET" in answer["error"]


async def test_without_the_store_it_is_a_503(unused_tcp_port: int) -> None:
    away = connect(f"redis://127.0.0.1:{unused_tcp_port}", timeout=0.2)
    async for hook in hooked(away, SECRET):
        assert (await hook.send("push", {"repository": {"full_name": "a/b"}}))[0] == 503
    await away.aclose()


async def test_what_may_have_become_of_a_fix_of_ours_is_looked_at(store: Redis) -> None:
    looks: list[None] = []

    async def look() -> None:
        looks.append(None)

    async for hook in hooked(store, SECRET, look=look):
        told = {"repository": {"full_name": "acme/shop"}}
        await hook.send("check_suite", told, "d-1")
        assert looks == [], "no pull request of ours is open"
        await store.sadd(keys.FIXES_FOLLOWED, "42")
        await hook.send("check_suite", told, "d-2")
        await hook.send("check_suite", told, "d-2")
        await hook.send("push", told, "d-3")
    assert len(looks) == 1
