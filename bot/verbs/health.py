"""`health`: how the bot itself is doing."""

from __future__ import annotations

from bot.verbs.ask import Ask, Verb
from investigator.composition import Program, observer_of
from investigator.health.rules import findings
from investigator.health.words import tell_all
from investigator.models.message import Message


async def _health(program: Program, ask: Ask) -> Message:
    snapshot = await observer_of(program.settings, program.store).snapshot()
    return program.renderer.render(
        "health", findings=tell_all(findings(snapshot)), flow=snapshot.flow, at=snapshot.at
    )


HEALTH = Verb("health", "", "show how I am doing myself", _health)
