"""How a person is answered, whatever way they asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from redis.exceptions import RedisError
from slack_bolt.async_app import AsyncRespond

from bot.verbs.ask import Ask
from bot.verbs.table import answer
from investigator.composition import Program
from investigator.errors import PilotError
from investigator.models.message import Message

log = structlog.get_logger()


async def respond_to(program: Program, text: str, ask: Ask, respond: AsyncRespond) -> None:
    """Carry out `<verb> <argument>` and tell its asker, nobody else."""
    message = await safely(program, lambda: answer(program, text, ask))
    await respond(
        text=message.text, blocks=list(message.blocks), response_type="ephemeral", replace_original=False
    )


async def safely(program: Program, work: Callable[[], Awaitable[Message]]) -> Message:
    """Turn what went wrong into an answer for the person who asked."""
    try:
        return await work()
    except PilotError as problem:
        return program.renderer.render("problem", why=str(problem))
    except RedisError as problem:
        log.error("store_unavailable", error=str(problem))
        return program.renderer.render("store_away")


async def say_below(program: Program, key: str, message: Message, channel: str, thread_ts: str) -> None:
    """Once, however often Slack delivers what is answered; without the store at least once."""
    try:
        await program.thread.say(key, message, incident="", channel=channel, thread_ts=thread_ts)
    except RedisError as problem:
        log.warning("said_without_store", key=key, error=str(problem))
        await program.slack.call(
            "chat.postMessage",
            channel=channel,
            thread_ts=thread_ts,
            text=message.text,
            blocks=list(message.blocks),
        )


def ask_of_action(body: dict[str, Any]) -> Ask:
    """What a click on a message asks for; the listener adds the argument."""
    return Ask(
        id=body["trigger_id"],
        argument="",
        user=body["user"]["id"],
        channel=body["channel"]["id"],
        reply_to=body["response_url"],
        trigger=body["trigger_id"],
    )
