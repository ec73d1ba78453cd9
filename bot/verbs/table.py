"""What people can tell the bot to do: one table for `/pilot …` and for `@pilot …` in a thread."""

from __future__ import annotations

import difflib
from dataclasses import replace

from bot.verbs.ask import Ask, Verb, WrongUsage
from bot.verbs.assign import ASSIGN
from bot.verbs.expand import EXPAND
from bot.verbs.health import HEALTH
from bot.verbs.investigate import INVESTIGATE, RERUN
from bot.verbs.mute import MUTE, UNMUTE
from bot.verbs.resolve import RESOLVE
from bot.verbs.route import ROUTE
from bot.verbs.status import STATUS
from investigator.composition import Program
from investigator.models.message import Message


async def answer(program: Program, text: str, ask: Ask) -> Message:
    """Carry out `<verb> <argument>` and return what to tell the person."""
    name, *rest = text.split(maxsplit=1) or ["help"]
    verb = VERBS.get(name.lower())
    if verb is None:
        return usage(program, name)
    try:
        return await verb.run(program, replace(ask, argument="".join(rest).strip()))
    except WrongUsage as problem:
        return program.renderer.render(
            "usage", verb=verb, verbs=list(VERBS.values()), why=str(problem), near=None
        )


def usage(program: Program, typed: str) -> Message:
    """What to say to a word that is no verb, with the nearest one that is."""
    near = difflib.get_close_matches(typed.lower(), VERBS, n=1)
    return program.renderer.render(
        "usage",
        verb=None,
        verbs=list(VERBS.values()),
        why=f"there is no command “{typed}”",
        near=near[0] if near else None,
    )


async def _help(program: Program, ask: Ask) -> Message:
    return program.renderer.render("help", verbs=list(VERBS.values()))


VERBS: dict[str, Verb] = {
    verb.name: verb
    for verb in (
        INVESTIGATE,
        RERUN,
        EXPAND,
        STATUS,
        HEALTH,
        RESOLVE,
        ASSIGN,
        MUTE,
        UNMUTE,
        ROUTE,
        Verb("help", "", "show this list", _help),
    )
}
