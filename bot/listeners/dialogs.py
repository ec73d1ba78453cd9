"""What people send off from the dialog of `investigate`."""

from __future__ import annotations

import json
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.listeners.answering import safely
from bot.verbs.ask import Ask
from bot.verbs.investigate_dialog import CALLBACK
from bot.verbs.table import answer
from investigator.by_hand import tell
from investigator.composition import Program
from investigator.references import parse_reference

_UNCLEAR = "Choose one above, or type a short id, a number, an address, or an incident like #42."


def register(app: AsyncApp, program: Program) -> None:
    @app.view(CALLBACK)
    async def submitted(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        words = _words(view["state"]["values"])
        if words is None:
            await ack(response_action="errors", errors={"typed": _UNCLEAR})
            return
        await ack()
        about = json.loads(view["private_metadata"])
        ask = Ask(
            id=f"{view['id']}:{words}",
            argument="",
            user=body["user"]["id"],
            channel=about["channel"],
            reply_to=about["reply_to"],
        )
        message = await safely(program, lambda: answer(program, words, ask))
        await tell(program, message, channel=ask.channel, reply_to=ask.reply_to, key=f"dialog:{ask.id}")


def _words(values: dict[str, Any]) -> str | None:
    """What one would have typed; None when nothing was chosen, or what was typed names nothing. Pure."""
    typed = (values.get("typed", {}).get("words", {}).get("value") or "").strip()
    if typed.startswith("#") and typed[1:].isdigit():
        return f"rerun {typed}"
    if typed:
        return f"investigate {typed}" if parse_reference(typed) else None
    chosen = (values.get("chosen", {}).get("choice", {}) or {}).get("selected_option")
    return str(chosen["value"]) if chosen else None
