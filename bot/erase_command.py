"""`pilot erase`: forget what was said about an incident."""

from __future__ import annotations

import getpass
from collections.abc import Awaitable

import aiohttp
from redis.asyncio import Redis

from bot.incidents_command import store_address
from investigator import audit, retention, store
from investigator.composition import slack_of
from investigator.confirmation import confirm
from investigator.durability import parse_durability
from investigator.erasing import Erased, erase_channel, erase_thread
from investigator.errors import OutsideCallFailed, PilotError
from investigator.incidents import Incidents
from investigator.settings import Settings
from investigator.slack import Slack

_LEFT = "Still in Slack"


class NotAllErased(PilotError):
    """Something is still in Slack; the text says what, and why."""


async def erased(settings: Settings, incidents: tuple[str, ...], *, from_slack: bool) -> str:
    """Erase every incident named, `#42` or `42`; with `from_slack` also what we posted. Says what is left.

    Raises:
        ConfigurationError: there is no token to erase in Slack with.
        UnknownIncident: one of them does not exist; those before it are erased.
        StoreUnavailable: the store is away, or a replica did not confirm.
        NotAllErased: the store forgot, but not all of Slack did.
    """
    connection = store.connect(store_address(settings))
    said: list[str] = []
    try:
        async with aiohttp.ClientSession() as session:
            slack = slack_of(settings, session, connection) if from_slack else None
            with store.as_unavailable():
                for named in incidents:
                    said.append(await _erase(connection, named.lstrip("#"), slack))
                await confirm(connection, parse_durability(settings.pilot_durability))
    finally:
        await connection.aclose()
    if any(_LEFT in each for each in said):
        raise NotAllErased("\n".join(said))
    return "\n".join(said)


async def _erase(connection: Redis, incident_id: str, slack: Slack | None) -> str:
    await retention.erase(connection, incident_id)
    told = f"Erased what was known of #{incident_id}."
    incident = await Incidents(connection).get(incident_id)
    if slack is None:
        told += " Its messages are Slack's: repeat with --slack, or delete the thread there."
    else:
        if incident.parent is not None:
            told += f" {await _told('Thread', erase_thread(slack, incident.parent))}"
        if own := incident.own_channel:
            told += f" {await _told(f'Channel #{own.name}', erase_channel(slack, own.id))}"
    await audit.record(
        connection,
        who=f"terminal:{getpass.getuser()}",
        what="erase",
        incident=incident_id,
        result="failed" if _LEFT in told else "done",
        detail=told,
    )
    return told


async def _told(where: str, erasing: Awaitable[Erased]) -> str:
    try:
        done = await erasing
    except OutsideCallFailed as failure:
        return f"{where}: {_LEFT}, all of it: {failure}"
    told = (
        f"{where}: deleted {done.messages} messages, {done.files} files and {done.canvases} canvases in Slack"
    )
    told += " and archived." if done.archived else "."
    if done.of_others:
        told += f" {done.of_others} messages of people stay: they are theirs to delete."
    if done.failed:
        told += f" {_LEFT}, repeat to try again: {'; '.join(done.failed)}"
    return told
