"""A channel for an incident that is to have one: made, furnished with topic, links and people, pointed to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from redis.exceptions import RedisError

from investigator.composition import Program
from investigator.errors import OutsideCallFailed
from investigator.incident_channel.making import make
from investigator.incident_channel.rules import rule_for
from investigator.models.incident import Incident
from investigator.models.incident_channel import OwnChannel
from investigator.models.message import Message
from investigator.people import Found, in_slack, slack_users
from investigator.permalink import permalink
from investigator.run_messages import reply, service_of
from investigator.slack import SlackRefused
from investigator.slack_text import topic
from investigator.slack_trouble import tell_ops

log = structlog.get_logger()

MOST_INVITED = 100  # at once, by Slack
LONGEST_TOPIC = 250
_THERE_ALREADY = {"already_in_channel", "cant_invite_self"}


async def give_channel(program: Program, incident: Incident) -> Incident:
    """Make and furnish the incident's own channel if the catalogue wants one. Repeating it changes nothing.

    What Slack does not let us do is told in the ops channel; the incident goes on in its thread.

    Raises:
        OutsideCallFailed: Slack cannot be reached now, or refuses the token.
    """
    service = service_of(program, incident)
    rule = rule_for(program.catalog, service, incident)
    if rule is None or (incident.own_channel and incident.own_channel.furnished):
        return incident
    channel = incident.own_channel
    if channel is None:
        try:
            channel = await make(program, incident, rule)
        except SlackRefused as refusal:
            if refusal.kind == "unauthorized":
                raise
            await _tell_why_not(program, refusal)
            return incident
        incident = await _keep(program, incident, channel)
    await _furnish(program, incident, channel)
    return await _keep(program, incident, channel.model_copy(update={"furnished": True}))


async def _keep(program: Program, incident: Incident, channel: OwnChannel) -> Incident:
    return await program.incidents.update(
        incident.id, lambda current: current.model_copy(update={"own_channel": channel})
    )


async def _furnish(program: Program, incident: Incident, channel: OwnChannel) -> None:
    people = await _invite(program, channel, await _people(program, incident))
    thread = await permalink(program, incident.parent) if incident.parent else None
    welcome = program.renderer.render(
        "own_channel", incident=incident, service=service_of(program, incident), thread=thread, people=people
    )
    await program.thread.say(
        f"{incident.id}:own channel:welcome", welcome, incident=incident.id, channel=channel.id
    )
    about = topic(welcome.text)[:LONGEST_TOPIC]
    await _attempt(program, "conversations.setTopic", channel=channel.id, topic=about)
    await _add_links(program, channel, welcome)
    pointer = program.renderer.render("own_channel_made", incident=incident)
    await reply(program, incident, f"{incident.id}:own channel:made", pointer)


async def _people(program: Program, incident: Incident) -> Found:
    """Who owns the code that failed, the service, and who asked or was assigned."""
    run = incident.run
    findings = await program.incidents.findings(incident.id, run.number) if run else None
    ownership = findings.code.ownership if findings else None
    owners = in_slack(ownership.owners if ownership else (), program.catalog.people)
    asked = (incident.assigned_to, run.requested_by if run else None)
    named = (*filter(None, asked), *service_of(program, incident).owners, *owners.users)
    try:
        found = await slack_users(program.slack, program.store, named)
    except SlackRefused as refusal:
        await tell_ops(program, refusal)
        found = Found(unknown=named)
    return found.model_copy(update={"unknown": (*found.unknown, *owners.unknown)})


async def _invite(program: Program, channel: OwnChannel, people: Found) -> Found:
    users = people.users[:MOST_INVITED]
    if not users:
        return people
    try:
        await program.slack.call(
            "conversations.invite", channel=channel.id, users=",".join(users), force=True
        )
    except SlackRefused as refusal:
        if refusal.code in _THERE_ALREADY:
            return people
        log.warning("not_invited", channel=channel.id, code=refusal.code)
        await tell_ops(program, refusal)
        return Found(unknown=(*(f"<@{user}>" for user in users), *people.unknown))
    return people


async def _add_links(program: Program, channel: OwnChannel, welcome: Message) -> None:
    """The buttons of the first message, as bookmarks; those that are there already are not doubled."""
    there = await _attempt(program, "bookmarks.list", channel_id=channel.id)
    if there is None:
        return
    known = {bookmark.get("link") for bookmark in there.get("bookmarks", [])}
    for title, link in _links(welcome):
        if link not in known:
            await _attempt(
                program, "bookmarks.add", channel_id=channel.id, title=title, type="link", link=link
            )


def _links(message: Message) -> Sequence[tuple[str, str]]:
    elements = (each for block in message.blocks if block["type"] == "actions" for each in block["elements"])
    return [(each["text"]["text"], each["url"]) for each in elements if each.get("url")]


async def _attempt(program: Program, method: str, **arguments: Any) -> dict[str, Any] | None:
    """What makes the channel nicer but is not needed; None when Slack refuses it."""
    try:
        return await program.slack.call(method, **arguments)
    except SlackRefused as refusal:
        if refusal.kind == "unauthorized":
            raise
        log.warning("channel_not_furnished", method=method, code=refusal.code)
        await tell_ops(program, refusal)
        return None


async def _tell_why_not(program: Program, refusal: SlackRefused) -> None:
    log.warning("no_incident_channel", code=refusal.code)
    where = program.settings.pilot_ops_channel or program.catalog.default_channel
    message = program.renderer.render("no_incident_channel", code=refusal.code, detail=refusal.detail)
    key = f"ops:incident channel:{refusal.code}:{datetime.now(UTC).date().isoformat()}"
    try:
        await program.thread.say(key, message, incident="", channel=where)
    except (OutsideCallFailed, RedisError) as failure:
        log.error("ops_not_told", code=refusal.code, error=str(failure))
