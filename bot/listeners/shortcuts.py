"""“Investigate this”, on any message that holds a Sentry link or a stack trace."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.listeners.answering import ask_of_action, safely
from bot.listeners.sentry_links import issue_link
from bot.verbs.ask import Ask, WrongUsage
from bot.verbs.investigate import INVESTIGATE
from investigator.composition import Program
from investigator.models.message import Message
from investigator.pasted.trace import LONGEST, parse_trace

CALLBACK = "pilot_investigate_message"
_NOTHING = "this message holds neither a link to a Sentry issue nor a stack trace that I can read"


def register(app: AsyncApp, program: Program) -> None:
    @app.shortcut(CALLBACK)
    async def investigate_this(ack: AsyncAck, respond: AsyncRespond, body: dict[str, Any]) -> None:
        await ack()
        message = await safely(program, lambda: _investigate(program, body))
        await respond(
            text=message.text, blocks=list(message.blocks), response_type="ephemeral", replace_original=False
        )


async def _investigate(program: Program, body: dict[str, Any]) -> Message:
    ask, texts = ask_of_action(body), list(_texts(body["message"]))
    for text in texts:
        if link := issue_link(text, program.settings.sentry_url):
            return await INVESTIGATE.run(program, replace(ask, argument=link))
    for text in texts:
        if parse_trace(text):
            return await _paste(program, ask, text, str(body["channel"].get("name", "")))
    raise WrongUsage(_NOTHING)


async def _paste(program: Program, ask: Ask, text: str, channel_name: str) -> Message:
    request = hashlib.sha256(ask.id.encode()).hexdigest()[:24]
    await program.jobs.open_pasted(
        request, text[:LONGEST], ask.user, (ask.channel, channel_name), ask.reply_to
    )
    return program.renderer.render("pasted")


def _texts(value: object) -> Iterator[str]:
    """Every text and address of a message, those of attachments and blocks too; its own text first."""
    if isinstance(value, dict):
        first = [
            value[name] for name in ("text", "title_link", "from_url") if isinstance(value.get(name), str)
        ]
        yield from first
        for name, each in value.items():
            if isinstance(each, str) and name in {"url", "fallback"}:
                yield each
            elif not isinstance(each, str):
                yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
