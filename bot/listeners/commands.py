"""`/pilot …` in a channel."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.listeners.answering import respond_to
from bot.verbs.ask import Ask
from investigator.composition import Program


def register(app: AsyncApp, program: Program) -> None:
    @app.command("/pilot")
    async def command(ack: AsyncAck, respond: AsyncRespond, command: dict[str, Any]) -> None:
        await ack()
        ask = Ask(
            id=command["trigger_id"],
            argument="",
            user=command["user_id"],
            channel=command["channel_id"],
            reply_to=command["response_url"],
            trigger=command["trigger_id"],
        )
        await respond_to(program, command.get("text") or "", ask, respond)
