"""Slack has its answer before a listener's work begins."""

from __future__ import annotations

import asyncio
import time
from urllib.parse import urlencode

import aiohttp
from aiohttp import web
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier

from bot.slack_route import SlackRoute
from sandbox.serving import serve

SECRET = "a signing secret"


async def authorize() -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id=None, bot_token="xoxb-test")


async def ask(bolt: AsyncApp, happened: list[str], command: str) -> int:
    """The status of the answer to a slash command; that it was given is noted in `happened`."""

    @web.middleware
    async def noting(request: web.Request, handler: object) -> web.StreamResponse:
        answer: web.StreamResponse = await handler(request)  # type: ignore[operator]  # aiohttp's own type
        happened.append("answered")
        return answer

    app = web.Application(middlewares=[noting])
    SlackRoute(bolt, [SECRET]).add_to(app)
    body = urlencode({"command": command, "team_id": "T1", "user_id": "U1", "channel_id": "C1"})
    at = str(int(time.time()))
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": at,
        "X-Slack-Signature": SignatureVerifier(SECRET).generate_signature(timestamp=at, body=body) or "",
    }
    async with (
        serve(app) as url,
        aiohttp.ClientSession() as session,
        session.post(f"{url}/slack/events", data=body, headers=headers) as response,
    ):
        return response.status


async def test_the_answer_leaves_before_the_work_begins() -> None:
    bolt, happened, done = (
        AsyncApp(request_verification_enabled=False, authorize=authorize),
        [],
        asyncio.Event(),
    )

    @bolt.command("/work")
    async def work(ack: AsyncAck) -> None:
        await ack()
        happened.append("worked")
        done.set()

    assert await ask(bolt, happened, "/work") == 200
    await asyncio.wait_for(done.wait(), 10)
    assert happened == ["answered", "worked"]


async def test_a_listener_that_fails_before_it_acknowledged_is_an_error_to_slack() -> None:
    bolt = AsyncApp(request_verification_enabled=False, authorize=authorize)

    @bolt.command("/work")
    async def work(ack: AsyncAck) -> None:
        raise RuntimeError("before the acknowledgement")

    assert await ask(bolt, [], "/work") == 500
    assert await ask(bolt, [], "/unknown") == 404
