"""What must be true when everything is over, read from the store, the spools and the sandbox's Slack."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis

from investigator import keys
from investigator.errors import StoreUnavailable
from investigator.inbox_reader import InboxReader
from investigator.incidents import Incidents
from investigator.models.incident import Incident
from investigator.queue import queue
from investigator.spool import Spool
from investigator.store import Address, connect, connect_sync
from sandbox.slack import SlackSandbox
from tests.chaos.outside import CHANNEL

MOST_SECONDS = 1.0  # Sentry hangs up then


@dataclass(frozen=True, slots=True)
class State:
    """What is left. `backlog` is what still waits somewhere; `keys` counts messages in Slack by their key."""

    incidents: Sequence[Incident]
    backlog: Mapping[str, int]
    dead: int
    keys: Counter[str]


async def settled(
    address: Address, spools: Sequence[Path], slack: SlackSandbox, issues: set[str], seconds: float
) -> State:
    """The state once nothing waits and every issue has been investigated, or after `seconds`."""
    ends = time.monotonic() + seconds
    state: State | None = None
    while time.monotonic() < ends:
        with suppress(StoreUnavailable, redis.RedisError, OSError):
            state = await look(address, spools, slack)
            if not any(state.backlog.values()) and issues <= investigated(state):
                return state
        await asyncio.sleep(0.5)
    if state is None:
        raise TimeoutError(f"the store could not be read within {seconds:g} s after the last fault")
    return state


async def look(address: Address, spools: Sequence[Path], slack: SlackSandbox) -> State:
    spooled = 0
    for path in spools:
        spool = Spool(path)
        spooled += await spool.count()
        await spool.close()
    client = connect(address)
    try:
        backlog = {
            "in spools": spooled,
            "in the inbox": await InboxReader(client, "chaos").depth(),
            "jobs": await asyncio.to_thread(_jobs, address),
        }
        incidents = await Incidents(client).recent(100_000)
        dead = int(await client.xlen(keys.INBOX_DEAD))
    finally:
        await client.aclose()
    return State(incidents, backlog, dead, Counter(_keys(slack)))


def _keys(slack: SlackSandbox) -> list[str]:
    channel = slack.workspace.channel(CHANNEL)
    metadata: list[Any] = [message.metadata or {} for message in slack.workspace.visible(channel)]
    return [found["event_payload"]["key"] for found in metadata if "event_payload" in found]


def _jobs(address: Address) -> int:
    with connect_sync(address) as client:
        work = queue(client)
        waiting = [work.started_job_registry, work.scheduled_job_registry]
        return int(work.count + sum(registry.count for registry in waiting))


def investigated(state: State) -> set[str]:
    return {
        issue
        for incident in state.incidents
        if incident.runs and all(run.state == "done" for run in incident.runs)
        for issue in incident.issue_ids
    }


def violations(state: State, acknowledged: set[str], slowest: float, unanswered: int) -> list[str]:
    """Every promise that was broken, in words. Pure."""
    found = []
    if lost := sorted(acknowledged - investigated(state)):
        found.append(f"acknowledged and not investigated: issues {', '.join(lost)}")
    carriers = Counter(issue for incident in state.incidents for issue in incident.issue_ids)
    if twice := sorted(issue for issue, count in carriers.items() if count > 1):
        found.append(f"one episode, several incidents: issues {', '.join(twice)}")
    for incident in state.incidents:
        if len(incident.runs) != 1:
            found.append(f"incident #{incident.id} was investigated {len(incident.runs)} times")
        for what in ("parent", "report:1"):
            if (count := state.keys[f"{incident.id}:{what}"]) != 1:
                found.append(f"incident #{incident.id} has {count} messages {what!r} in Slack")
    if repeated := sorted(key for key, count in state.keys.items() if count > 1):
        found.append(f"said more than once: {', '.join(repeated)}")
    if waiting := {what: count for what, count in state.backlog.items() if count}:
        found.append(f"still waiting after the drain: {waiting}")
    if state.dead:
        found.append(f"{state.dead} deliveries were set aside as if they could not be handled")
    if slowest >= MOST_SECONDS:
        found.append(f"the slowest answer took {slowest:.3f} s: Sentry hangs up after {MOST_SECONDS:g} s")
    if unanswered:
        found.append(f"{unanswered} deliveries were never answered by a web that took the connection")
    return found
