"""What must be true when everything is over, read from the store, the spools and the sandbox's Slack."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
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

MOST_SECONDS = 1.0  # Sentry hangs up then
TELL_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class State:
    """What is left. `backlog` is what still waits somewhere; `keys` counts messages in Slack by their key."""

    incidents: Sequence[Incident]
    backlog: Mapping[str, int]
    dead: int
    keys: Counter[str]


async def settled(
    look: Callable[[], Awaitable[State]],
    is_over: Callable[[State], bool],
    seconds: float,
    tell: Callable[[str], None],
) -> State:
    """The state once nothing waits and everything is over, or after `seconds`; tells now and then."""
    started = time.monotonic()
    state: State | None = None
    told = 0.0
    while (elapsed := time.monotonic() - started) < seconds:
        with suppress(StoreUnavailable, redis.RedisError, OSError):
            state = await look()
            if not any(state.backlog.values()) and is_over(state):
                return state
            if elapsed - told > TELL_SECONDS:
                told = elapsed
                tell(f"waiting {state.backlog}, {len(state.incidents)} incidents")
        looked = time.monotonic() - started - elapsed
        await asyncio.sleep(max(0.5, 2 * looked))  # thousands of incidents take a while to read
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
            **await asyncio.to_thread(_jobs, address),
        }
        incidents = await Incidents(client).recent(100_000)
        dead = int(await client.xlen(keys.INBOX_DEAD))
    finally:
        await client.aclose()
    return State(incidents, backlog, dead, Counter(_keys(slack)))


def _keys(slack: SlackSandbox) -> list[str]:
    metadata: list[Any] = [
        message.metadata or {}
        for channel in slack.workspace.channels.values()
        for message in slack.workspace.visible(channel)
    ]
    return [found["event_payload"]["key"] for found in metadata if "event_payload" in found]


def _jobs(address: Address) -> Counter[str]:
    """What has not been done yet or is planned for later, by kind of job."""
    with connect_sync(address) as client:
        work = queue(client)
        begun, planned = work.started_job_registry.get_job_ids(), work.scheduled_job_registry.get_job_ids()
        return Counter(
            f"jobs: {job.rstrip('-0123456789')}" for job in (*work.get_job_ids(), *begun, *planned)
        )


def investigated(state: State, resolved: Collection[str]) -> Counter[str]:
    """How many episodes of each issue were looked into; `resolved` ones need not be, if that came first."""
    return Counter(
        member.issue_id
        for incident in state.incidents
        for member in incident.members
        if looked_into(incident)
        or (not incident.runs and incident.status == "resolved" and member.issue_id in resolved)
    )


def promised(ledger: Mapping[str, Any]) -> Counter[str]:
    """How many episodes of each issue were acknowledged."""
    return Counter([*ledger["acknowledged"], *ledger["back"]])


def violations(state: State, ledger: Mapping[str, Any]) -> list[str]:
    """Every promise that was broken, in words. Pure."""
    found = []
    if lost := promised(ledger) - investigated(state, ledger["resolved"]):
        found.append(f"acknowledged and not investigated: issues {', '.join(sorted(lost))}")
    carriers = Counter(member.issue_id for incident in state.incidents for member in incident.members)
    if twice := carriers - Counter([*carriers, *ledger["sent_back"]]):
        found.append(f"one episode, several incidents: issues {', '.join(sorted(twice))}")
    found += _miscounted(state, ledger, carriers)
    found += [text for incident in state.incidents for text in _of_incident(incident, state.keys)]
    if strange := {key.split(":")[0] for key in state.keys} - {incident.id for incident in state.incidents}:
        found.append(f"messages in Slack about incidents that the store does not know: {sorted(strange)}")
    if repeated := sorted(key for key, count in state.keys.items() if count > 1):
        found.append(f"said more than once: {', '.join(repeated)}")
    if waiting := {what: count for what, count in state.backlog.items() if count}:
        found.append(f"still waiting after the drain: {waiting}")
    if state.dead:
        found.append(f"{state.dead} deliveries were set aside as if they could not be handled")
    if (slowest := ledger["slowest"]) >= MOST_SECONDS:
        found.append(f"the slowest answer took {slowest:.3f} s: Sentry hangs up after {MOST_SECONDS:g} s")
    if unanswered := ledger["unanswered"]:
        found.append(f"{unanswered} deliveries were never answered by a web that took the connection")
    return found


def _miscounted(state: State, ledger: Mapping[str, Any], carriers: Counter[str]) -> Iterator[str]:
    """Every event is counted once, however often it was told of. An episode without any counts one."""
    counted = Counter[str]()
    for member in (member for incident in state.incidents for member in incident.members):
        counted[member.issue_id] += member.events
    after_the_end = ledger["resolved"].keys()  # events between an end and a return are nobody's
    lost = Counter({i: n for i, n in ledger["events"].items() if i not in after_the_end}) - counted
    if lost:
        found = ", ".join(f"{count} of issue {issue}" for issue, count in sorted(lost.items()))
        yield f"events acknowledged and not counted: {found}"
    most = {i: max(1, ledger["sent_events"].get(i, 0)) + n - 1 for i, n in carriers.items()}
    if twice := counted - Counter(most):
        found = ", ".join(f"{count} of issue {issue}" for issue, count in sorted(twice.items()))
        yield f"events counted several times: {found}"


def looked_into(incident: Incident) -> int:
    """How often. One that was over, or part of another, before its turn came never is."""
    return sum(run.state == "done" for run in incident.runs)


def _of_incident(incident: Incident, keys: Counter[str]) -> Iterator[str]:
    runs = looked_into(incident)
    if runs > 1 or len(incident.runs) > 1:
        yield f"incident #{incident.id} was investigated {len(incident.runs)} times"
    for what in ("parent", "report:1") if runs else ():
        if (count := keys[f"{incident.id}:{what}"]) != 1:
            yield f"incident #{incident.id} has {count} messages {what!r} in Slack"
