"""The channel itself: exactly one for an incident, whatever crashes between making and remembering it.

Slack refuses a name that is taken, and ours carries the incident's number. So a channel whose maker died is
found again by its name, and known as ours by who made it, and when.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import structlog

from investigator import keys
from investigator.composition import Program
from investigator.confirmation import confirm
from investigator.incident_channel.rules import names
from investigator.models.incident import Incident
from investigator.models.incident_channel import IncidentChannels, OwnChannel
from investigator.slack import SlackRefused
from investigator.slack_channels import PUBLIC, find
from investigator.thread import REMEMBER_SECONDS

log = structlog.get_logger()

CLOCKS_DIFFER_SECONDS = 60


async def make(program: Program, incident: Incident, rule: IncidentChannels) -> OwnChannel:
    """The channel that was made for this incident, now or by somebody who died right after it.

    Raises:
        SlackRefused: it cannot be made (`restricted_action`, `missing_scope`, all names taken …).
        OutsideCallFailed: Slack cannot be reached now; calling again is safe.
        StoreUnavailable: the replicas do not confirm the claim; nothing was made.
    """
    since = await _claim(program, incident)
    taken: SlackRefused | None = None
    for name in names(rule, incident):
        try:
            answer = await program.slack.call("conversations.create", name=name)
        except SlackRefused as refusal:
            if refusal.code != "name_taken":
                raise
            taken = refusal
            if ours := await _ours(program, name, since):
                log.info("channel_adopted", incident=incident.id, channel=ours.id)
                return ours
        else:
            made = OwnChannel(id=str(answer["channel"]["id"]), name=str(answer["channel"]["name"]))
            log.info("channel_made", incident=incident.id, channel=made.id, name=made.name)
            return made
    raise taken or SlackRefused("conversations.create", "invalid_name")


async def _claim(program: Program, incident: Incident) -> float:
    """Since when somebody has been making it, in seconds since 1970."""
    key, now = keys.said(f"{incident.id}:own channel"), datetime.now(UTC).timestamp()
    if not await program.store.set(key, json.dumps({"at": now}), nx=True, ex=REMEMBER_SECONDS):
        known = json.loads(await program.store.get(key) or "{}")
        now = float(known.get("at", now))
    await confirm(program.store, program.durability)
    return now


async def _ours(program: Program, name: str, since: float) -> OwnChannel | None:
    """The channel of this name, if we made it since then and nobody has archived it."""
    found = await find(program.slack, name, PUBLIC)
    if found is None or float(found.get("created", 0)) < since - CLOCKS_DIFFER_SECONDS:
        return None
    we = await program.slack.call("auth.test")
    if found.get("creator") != we.get("user_id"):
        return None
    return OwnChannel(id=str(found["id"]), name=name)
