"""`route`: in which channel a service's incidents go, instead of what the catalogue says."""

from __future__ import annotations

import re

from bot.verbs.acting import acted, permitted
from bot.verbs.ask import LOOKED_AT, Ask, Verb, WrongUsage
from investigator.composition import Program
from investigator.models.message import Message
from investigator.models.service import Service
from investigator.routes import overrides, set_override
from investigator.slack import SlackRefused

_CHANNEL = re.compile(r"<#([CG][A-Z0-9]+)(?:\|[^>]*)?>")


async def _route(program: Program, ask: Ask) -> Message:
    words = ask.argument.split()
    if not words:
        return program.renderer.render(
            "routes", overrides=await overrides(program.store), catalog=program.catalog
        )
    if len(words) != 2:
        raise WrongUsage("name a service and a channel, or a service and “default”")
    service = await _service(program, words[0])
    channel = None if words[1].lower() == "default" else await _channel(program, words[1])
    await permitted(program, ask, service, "route")
    await set_override(program.store, service.name, channel)
    message = program.renderer.render(
        "routed", service=service, channel=channel or service.channel, by=ask.user, default=channel is None
    )
    return await acted(program, ask, message, what="route", detail=f"{service.name} → {channel or 'default'}")


async def _service(program: Program, name: str) -> Service:
    known = program.catalog.service(name)
    if known:
        return known
    if any(incident.service == name for incident in await program.incidents.recent(LOOKED_AT)):
        return program.catalog.service_of(name)
    raise WrongUsage(
        f"I know no service “{name}”; without an entry in pilot.yml it is a Sentry project's slug"
    )


async def _channel(program: Program, typed: str) -> str:
    """The id of a channel we can post in."""
    named = _CHANNEL.fullmatch(typed)
    if named is None:
        raise WrongUsage(f"“{typed}” is not a channel: pick it from Slack's list after typing #")
    try:
        answer = await program.slack.call("conversations.info", channel=named[1])
    except SlackRefused as refusal:
        raise WrongUsage(f"I cannot see this channel ({refusal.code}); if it is private, invite me") from None
    if answer.get("channel", {}).get("is_archived"):
        raise WrongUsage("this channel is archived")
    return named[1]


ROUTE = Verb("route", "[<service> <#channel | default>]", "choose a service's channel, or list them", _route)
