"""The end of a trial webhook's way: it is posted, if a channel is for that, and entered into the ledger."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import structlog

from investigator import keys
from investigator.canary.ledger import Ledger
from investigator.composition import Program
from investigator.errors import OutsideCallFailed
from investigator.models.message import Message
from investigator.slack import SlackRefused

log = structlog.get_logger(__name__)

_GONE = frozenset({"message_not_found", "cant_update_message", "channel_not_found"})


async def arrive(program: Program, sent_at: float) -> None:
    """What cannot be posted has not come through, and is not tried again: the next one follows."""
    channel = program.settings.pilot_canary_channel
    try:
        if channel:
            await _post(program, channel, sent_at)
    except OutsideCallFailed as failure:
        log.warning("canary_not_posted", channel=channel, error=str(failure))
        return
    await Ledger(program.store).passed(sent_at, time.time())


async def _post(program: Program, channel: str, sent_at: float) -> None:
    """One message that is kept up to date, so that nobody has to mute the channel."""
    seconds = max(0.0, time.time() - sent_at)
    message = program.renderer.render("canary", at=datetime.fromtimestamp(sent_at, UTC), seconds=seconds)
    document = await program.store.get(keys.CANARY_MESSAGE)
    known = json.loads(document) if document else {}
    if known.get("named") == channel and await _edited(program, known, message):
        return
    posted = await program.slack.call(
        "chat.postMessage", channel=channel, text=message.text, blocks=list(message.blocks)
    )
    standing = {"named": channel, "channel": posted["channel"], "ts": posted["ts"]}
    await program.store.set(keys.CANARY_MESSAGE, json.dumps(standing))


async def _edited(program: Program, known: dict[str, str], message: Message) -> bool:
    """False when it is no longer there."""
    try:
        await program.slack.call(
            "chat.update",
            channel=known["channel"],
            ts=known["ts"],
            text=message.text,
            blocks=list(message.blocks),
        )
    except SlackRefused as refusal:
        if refusal.code not in _GONE:
            raise
        return False
    return True
