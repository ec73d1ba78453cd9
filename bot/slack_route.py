"""`POST /slack/events`: events, commands and interactions alike, verified before they are parsed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier

from bot.prompt_ack import PromptAck
from bot.request_body import MIB, BodyReader, BodyRefused

NOT_FROM_SLACK = (
    "the signature does not fit: set SLACK_SIGNING_SECRET to the app's signing secret, "
    "and see that this machine's clock is right"
)


class SlackRoute:
    """`bolt` answers what is signed with one of `secrets`; another may take its place at any time."""

    def __init__(self, bolt: AsyncApp, secrets: Sequence[str]) -> None:
        self.bolt = bolt
        self._secrets = secrets
        self._dispatching: set[asyncio.Task[BoltResponse]] = set()
        self._reader = BodyReader(max_bytes=MIB, max_total=16 * MIB, seconds=2.0)

    def add_to(self, app: web.Application) -> None:
        app.router.add_post("/slack/events", self.handle)

    async def handle(self, request: web.Request) -> web.Response:
        try:
            body = await self._reader.read(request)
        except BodyRefused as refused:
            return web.json_response({"error": str(refused)}, status=refused.status)
        if not is_signed(body, request.headers, self._secrets):
            return web.json_response({"error": NOT_FROM_SLACK}, status=401)
        ack = PromptAck()
        slack_request = AsyncBoltRequest(
            body=body.decode(),
            query=request.query_string,
            headers=dict(request.headers),
            context={"ack": ack},
        )
        dispatching = asyncio.create_task(self.bolt.async_dispatch(slack_request))
        self._dispatching.add(dispatching)
        dispatching.add_done_callback(self._dispatching.discard)
        try:
            await asyncio.wait({dispatching, ack.given}, return_when=asyncio.FIRST_COMPLETED)
            answer = ack.given if ack.given.done() else dispatching
            return await to_aiohttp_response(answer.result())
        finally:
            ack.answered.set()


def is_signed(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> bool:
    """Whether Slack signed this within the last minutes; every secret is tried."""
    try:
        fitting = [SignatureVerifier(secret).is_valid_request(body, dict(headers)) for secret in secrets]
    except ValueError:  # a timestamp that is no number, or a body that is no text
        return False
    return any(fitting)
