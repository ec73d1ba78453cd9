"""`status`: what is open."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.verbs.ask import Ask, Verb, open_incidents
from investigator.composition import Program
from investigator.models.message import Message
from investigator.mutes import standing


async def _status(program: Program, ask: Ask) -> Message:
    now = datetime.now(UTC)
    muted = await standing(program.store, now)
    return program.renderer.render("status", incidents=await open_incidents(program), mutes=muted, now=now)


STATUS = Verb("status", "", "list the open incidents", _status)
