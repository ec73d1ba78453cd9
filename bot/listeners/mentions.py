"""`@pilot …`, in a thread or in the channel."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.listeners.answering import safely, say_below
from bot.verbs.ask import Ask
from bot.verbs.table import answer
from investigator.composition import Program
from investigator.models.message import Message

_MENTION = re.compile(r"<@[A-Z0-9]+(\|[^>]*)?>")


def register(app: AsyncApp, program: Program) -> None:
    @app.event("app_mention")
    async def mention(event: dict[str, Any], body: dict[str, Any]) -> None:
        """Bolt acknowledges events by itself. Other bots are not answered: two could talk for ever."""
        if event.get("bot_id") or "user" not in event:
            return
        thread_ts = event.get("thread_ts") or event["ts"]
        channel, text = event["channel"], _MENTION.sub(" ", event.get("text", ""))
        key = f"mention:{body['event_id']}"

        async def work() -> Message:
            incident = await program.incidents.by_thread(channel, thread_ts)
            incident = incident or await program.incidents.by_channel(channel)
            ask = Ask(
                id=key,
                argument="",
                user=event["user"],
                channel=channel,
                reply_to=thread_ts,
                thread=incident,
            )
            return await answer(program, text, ask)

        await say_below(program, key, await safely(program, work), channel, thread_ts)
