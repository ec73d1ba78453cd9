"""Buttons of our messages."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.listeners.answering import ask_of_action, respond_to
from investigator.composition import Program

# Their value is the incident's number.
_VERB_OF = {
    "pilot_rerun": "rerun",
    "pilot_expand": "expand",
    "pilot_analyse": "analyse",
    "pilot_resolve": "resolve",
}


def register(app: AsyncApp, program: Program) -> None:
    @app.action(re.compile(f"^({'|'.join(_VERB_OF)})$"))
    async def verb(ack: AsyncAck, respond: AsyncRespond, body: dict[str, Any]) -> None:
        await ack()
        clicked = body["actions"][0]
        text = f"{_VERB_OF[clicked['action_id']]} #{clicked['value']}"
        await respond_to(program, text, ask_of_action(body), respond)

    @app.action(re.compile(r"^pilot_(more|root)$"))
    async def more(ack: AsyncAck, respond: AsyncRespond, body: dict[str, Any]) -> None:
        """An option's value is what one would type."""
        await ack()
        chosen = body["actions"][0]["selected_option"]["value"]
        await respond_to(program, chosen, ask_of_action(body), respond)

    @app.action(re.compile(r"^pilot_link"))
    async def link(ack: AsyncAck) -> None:
        """Buttons that open an address are reported too, and must be acknowledged."""
        await ack()
