"""What people can tell the bot to do: one table for `/pilot …` and for `@pilot …` in a thread."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from investigator.composition import Program
from investigator.errors import PilotError
from investigator.models.incident import Incident
from investigator.models.message import Message
from investigator.references import parse_reference
from investigator.runs import request_run

LOOKED_AT = 200  # the newest incidents, among which open ones are looked for
PARTS = ("all", "frames", "commits", "deploys", "owners", "breadcrumbs")


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing a person asked for. `id` identifies the asking, so that a redelivery is not a second one.

    `reply_to` is where later answers go: a `response_url`, or the `ts` of a message in `channel` to answer
    below. `thread` is the incident in whose thread it was asked; None in the channel itself.
    """

    id: str
    argument: str
    user: str
    channel: str
    reply_to: str
    thread: Incident | None = None


@dataclass(frozen=True, slots=True)
class Verb:
    name: str
    usage: str
    summary: str
    run: Callable[[Program, Ask], Awaitable[Message]]


class WrongUsage(PilotError):
    """What was typed cannot be carried out; the text says why."""


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


async def _investigate(program: Program, ask: Ask) -> Message:
    if not ask.argument:
        if ask.thread:
            return await _rerun(program, ask)
        raise WrongUsage("name the Sentry issue to investigate")
    if parse_reference(ask.argument) is None:
        raise WrongUsage(f"“{ask.argument}” is not an issue's number, short id or address")
    request = hashlib.sha256(ask.id.encode()).hexdigest()[:24]
    await program.jobs.open_by_hand(request, ask.argument, ask.user, ask.channel, ask.reply_to)
    return program.renderer.render("accepted", incident=None, reference=ask.argument, already=False)


async def _rerun(program: Program, ask: Ask) -> Message:
    incident = await _incident(program, ask, ask.argument)
    incident, new = await request_run(
        program.incidents, program.jobs, incident.id, by=ask.user, at=datetime.now(UTC), request=ask.id
    )
    return program.renderer.render("accepted", incident=incident, reference=None, already=not new)


async def _expand(program: Program, ask: Ask) -> Message:
    words = ask.argument.split()
    part = next((word for word in words if word in PARTS), "all")
    others = [word for word in words if word not in PARTS]
    incident = await _incident(program, ask, " ".join(others))
    if not incident.runs:
        raise WrongUsage(f"#{incident.id} was over before I heard of it; `rerun` investigates it")
    if not any(run.state == "done" for run in incident.runs):
        raise WrongUsage(f"#{incident.id} is still being investigated; its report comes first")
    await program.jobs.expand(incident.id, part)
    return program.renderer.render("expanding", incident=incident, part=part)


async def _status(program: Program, ask: Ask) -> Message:
    return program.renderer.render("status", incidents=await _open(program), now=datetime.now(UTC))


async def _help(program: Program, ask: Ask) -> Message:
    return program.renderer.render("help", verbs=list(VERBS.values()))


async def _incident(program: Program, ask: Ask, named: str) -> Incident:
    """The incident a person means: the one named, the thread's own, or the channel's newest open one."""
    if named:
        number = named.lstrip("#")
        if not number.isdigit():
            raise WrongUsage(f"“{named}” is not the number of an incident, like #42")
        return await program.incidents.get(number)
    if ask.thread:
        return ask.thread
    for incident in await _open(program):
        if incident.parent and incident.parent.channel == ask.channel:
            return incident
    raise WrongUsage("there is no open incident in this channel; name one, like #42")


async def _open(program: Program) -> list[Incident]:
    return [each for each in await program.incidents.recent(LOOKED_AT) if each.status == "open"]


VERBS = {
    verb.name: verb
    for verb in (
        Verb("investigate", "<issue id | short id | Sentry URL>", "investigate a Sentry issue", _investigate),
        Verb("rerun", "[#incident]", "investigate again and say what changed", _rerun),
        Verb(
            "expand", "[#incident] [frames|commits|deploys|owners|breadcrumbs]", "show the details", _expand
        ),
        Verb("status", "", "list the open incidents", _status),
        Verb("help", "", "show this list", _help),
    )
}
