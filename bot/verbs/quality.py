"""`quality`: how good verdicts were."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.verbs.ask import Ask, Verb, WrongUsage
from investigator.composition import Program
from investigator.models.message import Message
from investigator.quality.report import report

DAYS, MOST_DAYS = 7, 365


async def _quality(program: Program, ask: Ask) -> Message:
    asked = ask.argument or str(DAYS)
    if not asked.isdigit() or not 1 <= int(asked) <= MOST_DAYS:
        raise WrongUsage(f"“{ask.argument}” is not a number of days, at most {MOST_DAYS}")
    found = await report(program.store, now=datetime.now(UTC), days=int(asked))
    return program.renderer.render("quality", report=found)


QUALITY = Verb("quality", "[days]", "show how good verdicts were", _quality)
