"""What an incident's own channel says, and what becomes of it, when the incident is over."""

from __future__ import annotations

import structlog

from investigator.composition import Program
from investigator.models.incident import Incident
from investigator.models.incident_channel import IncidentChannels
from investigator.slack import SlackRefused

log = structlog.get_logger()


async def close_channel(program: Program, incident: Incident) -> None:
    """Say once that it is over or goes on elsewhere; archive the channel if the catalogue says so.

    A channel that people archived or deleted themselves is left alone.

    Raises:
        OutsideCallFailed: Slack cannot be reached now; calling again is safe.
    """
    channel = incident.own_channel
    over = incident.status == "resolved" or incident.merged_into
    if channel is None or channel.closed or not over:
        return
    rule = program.catalog.incident_channels or IncidentChannels()
    archives = rule.on_resolve == "archive"
    message = program.renderer.render("own_channel_over", incident=incident, archives=archives)
    ended = incident.merged_into or (incident.resolved_at and int(incident.resolved_at.timestamp()))
    try:
        await program.thread.say(
            f"{incident.id}:own channel:over:{ended}", message, incident=incident.id, channel=channel.id
        )
        if archives:
            await program.slack.call("conversations.archive", channel=channel.id)
    except SlackRefused as refusal:
        if refusal.kind == "unauthorized":
            raise
        log.warning("channel_not_closed", incident=incident.id, channel=channel.id, code=refusal.code)
        if refusal.code not in {"already_archived", "is_archived", "channel_not_found"}:
            return
    if archives:
        closed = channel.model_copy(update={"closed": True})
        await program.incidents.update(
            incident.id, lambda current: current.model_copy(update={"own_channel": closed})
        )
