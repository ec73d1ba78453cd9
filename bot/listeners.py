"""Slack's side: what the Bolt app listens to. Everything is acknowledged first, then worked on."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from redis.exceptions import RedisError
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_bolt.authorization import AuthorizeResult

from bot.verbs import Ask, answer
from investigator.composition import Program
from investigator.errors import PilotError
from investigator.models.message import Message

log = structlog.get_logger()

_MENTION = re.compile(r"<@[A-Z0-9]+(\|[^>]*)?>")


def slack_app(program: Program) -> AsyncApp:
    """The Bolt app with all listeners. Nothing is asked of Slack before a request is acknowledged."""
    settings = program.settings
    token, secret = settings.slack_bot_token, settings.slack_signing_secret

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        # Bolt's own would call auth.test before the first acknowledgement, which is due within 3 seconds.
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=token.get_secret_value() if token else None,
        )

    app = AsyncApp(signing_secret=secret.get_secret_value() if secret else None, authorize=authorize)
    app.client.base_url = settings.slack_api_url
    listeners = Listeners(program)
    app.command("/pilot")(listeners.command)
    app.event("app_mention")(listeners.mention)
    app.action("pilot_rerun")(listeners.rerun)
    app.action("pilot_expand")(listeners.expand)
    app.action(re.compile(r"^pilot_link"))(listeners.link)
    return app


class Listeners:
    """One method a kind of request; each a paragraph: acknowledge, do, answer."""

    def __init__(self, program: Program) -> None:
        self._program = program

    async def command(self, ack: AsyncAck, respond: AsyncRespond, command: dict[str, Any]) -> None:
        await ack()
        ask = Ask(
            id=command["trigger_id"],
            argument="",
            user=command["user_id"],
            channel=command["channel_id"],
            reply_to=command["response_url"],
        )
        await self._answer(command.get("text") or "", ask, respond)

    async def mention(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        """Bolt acknowledges events by itself. Other bots are not answered: two could talk for ever."""
        if event.get("bot_id") or "user" not in event:
            return
        thread_ts = event.get("thread_ts") or event["ts"]
        channel, text = event["channel"], _MENTION.sub(" ", event.get("text", ""))
        key = f"mention:{body['event_id']}"

        async def work() -> Message:
            incident = await self._program.incidents.by_thread(channel, thread_ts)
            ask = Ask(
                id=key,
                argument="",
                user=event["user"],
                channel=channel,
                reply_to=thread_ts,
                thread=incident,
            )
            return await answer(self._program, text, ask)

        await self._say(key, await self._safely(work), channel, thread_ts)

    async def rerun(self, ack: AsyncAck, respond: AsyncRespond, body: dict[str, Any]) -> None:
        await ack()
        await self._button("rerun", respond, body)

    async def expand(self, ack: AsyncAck, respond: AsyncRespond, body: dict[str, Any]) -> None:
        await ack()
        await self._button("expand", respond, body)

    async def link(self, ack: AsyncAck) -> None:
        """Buttons that open an address are reported too, and must be acknowledged."""
        await ack()

    async def _button(self, verb: str, respond: AsyncRespond, body: dict[str, Any]) -> None:
        ask = Ask(
            id=body["trigger_id"],
            argument="",
            user=body["user"]["id"],
            channel=body["channel"]["id"],
            reply_to=body["response_url"],
        )
        await self._answer(f"{verb} #{body['actions'][0]['value']}", ask, respond)

    async def _answer(self, text: str, ask: Ask, respond: AsyncRespond) -> None:
        message = await self._safely(lambda: answer(self._program, text, ask))
        await respond(
            text=message.text, blocks=list(message.blocks), response_type="ephemeral", replace_original=False
        )

    async def _say(self, key: str, message: Message, channel: str, thread_ts: str) -> None:
        """Once, however often Slack delivers the event; without the store at least once."""
        try:
            await self._program.thread.say(key, message, incident="", channel=channel, thread_ts=thread_ts)
        except RedisError as problem:
            log.warning("said_without_store", key=key, error=str(problem))
            await self._program.slack.call(
                "chat.postMessage",
                channel=channel,
                thread_ts=thread_ts,
                text=message.text,
                blocks=list(message.blocks),
            )

    async def _safely(self, work: Callable[[], Awaitable[Message]]) -> Message:
        """Turn what went wrong into an answer for the person who asked."""
        try:
            return await work()
        except PilotError as problem:
            return self._program.renderer.render("problem", why=str(problem))
        except RedisError as problem:
            log.error("store_unavailable", error=str(problem))
            return self._program.renderer.render("store_away")
