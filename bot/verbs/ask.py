"""What a verb is given, and what it is: the parts every verb is made of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from investigator.composition import Program
from investigator.errors import PilotError
from investigator.models.incident import Incident
from investigator.models.message import Message

LOOKED_AT = 200  # the newest incidents, among which open ones are looked for


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing a person asked for. `id` identifies the asking, so that a redelivery is not a second one.

    `reply_to` is where later answers go: a `response_url`, or the `ts` of a message in `channel` to answer
    below. `thread` is the incident in whose thread it was asked; None in the channel itself. `trigger` opens
    a modal, within 3 seconds; None where Slack gave none, as for a mention.
    """

    id: str
    argument: str
    user: str
    channel: str
    reply_to: str
    thread: Incident | None = None
    trigger: str | None = None


@dataclass(frozen=True, slots=True)
class Verb:
    """`run` returns what to tell the person who asked."""

    name: str
    usage: str
    summary: str
    run: Callable[[Program, Ask], Awaitable[Message]]


class WrongUsage(PilotError):
    """What was typed cannot be carried out; the text says why."""


async def incident_meant(program: Program, ask: Ask, named: str) -> Incident:
    """The incident a person means: the one named, the thread's own, or the channel's newest open one.

    Raises:
        WrongUsage: when none can be meant.
    """
    if named:
        number = named.lstrip("#")
        if not number.isdigit():
            raise WrongUsage(f"“{named}” is not the number of an incident, like #42")
        return await _whole(program, await program.incidents.get(number))
    if ask.thread:
        return await _whole(program, ask.thread)
    if own := await program.incidents.by_channel(ask.channel):
        return await _whole(program, own)
    for incident in await open_incidents(program):
        if incident.parent and incident.parent.channel == ask.channel:
            return incident
    raise WrongUsage("there is no open incident in this channel; name one, like #42")


async def _whole(program: Program, incident: Incident) -> Incident:
    """The incident itself, or the one that it turned out to be part of."""
    while incident.merged_into:  # always an older one
        incident = await program.incidents.get(incident.merged_into)
    return incident


async def open_incidents(program: Program) -> list[Incident]:
    recent = await program.incidents.recent(LOOKED_AT)
    return [each for each in recent if each.status == "open" and not each.merged_into]
