"""`status`: what is open."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.verbs.ask import Ask, Verb, open_incidents
from investigator.composition import Program
from investigator.models.message import Message


async def _status(program: Program, ask: Ask) -> Message:
    return program.renderer.render("status", incidents=await open_incidents(program), now=datetime.now(UTC))


STATUS = Verb("status", "", "list the open incidents", _status)
