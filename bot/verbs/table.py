"""What people can tell the bot to do: one table for `/pilot …` and for `@pilot …` in a thread."""

from __future__ import annotations

import difflib
from dataclasses import replace

from bot.verbs.analyse import ANALYSE
from bot.verbs.ask import Ask, Verb, WrongUsage
from bot.verbs.ask_question import ASK
from bot.verbs.assign import ASSIGN
from bot.verbs.expand import EXPAND
from bot.verbs.health import HEALTH
from bot.verbs.investigate import INVESTIGATE, RERUN
from bot.verbs.merge import MERGE
from bot.verbs.mute import MUTE, UNMUTE
from bot.verbs.postmortem import POSTMORTEM
from bot.verbs.quality import QUALITY
from bot.verbs.resolve import RESOLVE
from bot.verbs.root import ROOT
from bot.verbs.route import ROUTE
from bot.verbs.split import SPLIT
from bot.verbs.status import STATUS
from investigator.composition import Program
from investigator.models.message import Message

MISTYPED = 0.8  # how alike a first word and a verb are when a question is not meant


async def answer(program: Program, text: str, ask: Ask) -> Message:
    """Carry out `<verb> <argument>` and return what to tell the person.

    In an incident's thread what starts with no verb is a question, unless it looks like a mistyped command.
    """
    name, *rest = text.split(maxsplit=1) or ["help"]
    verb, argument = VERBS.get(name.lower()), "".join(rest).strip()
    if verb is None and ask.thread and ("?" in text or (rest and not _near(name, MISTYPED))):
        verb, argument = ASK, text.strip()
    if verb is None:
        return usage(program, name)
    try:
        return await verb.run(program, replace(ask, argument=argument))
    except WrongUsage as problem:
        return program.renderer.render(
            "usage", verb=verb, verbs=list(VERBS.values()), why=str(problem), near=None
        )


def usage(program: Program, typed: str) -> Message:
    """What to say to a word that is no verb, with the nearest one that is."""
    return program.renderer.render(
        "usage",
        verb=None,
        verbs=list(VERBS.values()),
        why=f"there is no command “{typed}”",
        near=_near(typed),
    )


def _near(typed: str, likeness: float = 0.6) -> str | None:
    """The verb that was probably meant; `likeness` is 1.0 for the same word."""
    return next(iter(difflib.get_close_matches(typed.lower(), VERBS, n=1, cutoff=likeness)), None)


async def _help(program: Program, ask: Ask) -> Message:
    return program.renderer.render("help", verbs=list(VERBS.values()))


VERBS: dict[str, Verb] = {
    verb.name: verb
    for verb in (
        INVESTIGATE,
        RERUN,
        EXPAND,
        ASK,
        ANALYSE,
        STATUS,
        HEALTH,
        RESOLVE,
        ASSIGN,
        ROOT,
        SPLIT,
        MERGE,
        MUTE,
        UNMUTE,
        ROUTE,
        POSTMORTEM,
        QUALITY,
        Verb("help", "", "show this list", _help),
    )
}
