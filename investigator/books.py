"""What triage knows and writes down, in the store or, for `pilot replay`, in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from itertools import count, islice
from typing import Protocol

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import WatchError

from investigator import keys, store
from investigator.incidents import Incidents, parse_states, write_incident
from investigator.lease import Lease, LeaseLost
from investigator.models.incident import Incident
from investigator.models.issue_state import IssueState
from investigator.standing import in_line
from investigator.triage import Memory, Plan

Decide = Callable[[Memory], Awaitable[Plan]]


class Books(Protocol):
    async def remember(self, issue_ids: Sequence[str], identities: Sequence[str]) -> Memory: ...

    async def new_ids(self, count: int) -> list[str]: ...

    async def keep(self) -> None:
        """Stay the one who may write; called now and then during long work."""

    async def write(self, issue_ids: Sequence[str], identities: Sequence[str], decide: Decide) -> Plan:
        """Decide on what is known and write the plan down as one; `decide` may be asked again."""


class StoreBooks:
    """The books of the one active reader. `write` and `keep` raise LeaseLost when another one is active."""

    def __init__(self, connection: Redis, incidents: Incidents, lease: Lease, seen_seconds: int) -> None:
        self._store = connection
        self._incidents = incidents
        self._lease = lease
        self._seen_seconds = seen_seconds

    async def remember(self, issue_ids: Sequence[str], identities: Sequence[str]) -> Memory:
        return await _remember(self._store, issue_ids, identities)

    async def new_ids(self, count: int) -> list[str]:
        return await self._incidents.new_ids(count)

    async def keep(self) -> None:
        if not await self._lease.hold():
            raise LeaseLost

    async def write(self, issue_ids: Sequence[str], identities: Sequence[str], decide: Decide) -> Plan:
        while True:
            async with self._store.pipeline(transaction=True) as pipe:
                await self._lease.fence(pipe)
                if issue_ids:
                    await pipe.watch(*(keys.issue(issue_id) for issue_id in issue_ids))
                result = await decide(await _remember(pipe, issue_ids, identities))
                store.begin(pipe)
                self._queue(pipe, result)
                try:
                    await pipe.execute()
                except WatchError:
                    continue
                return result

    def _queue(self, pipe: Pipeline, result: Plan) -> None:
        for identity, entry in result.seen.items():
            pipe.set(keys.seen(identity), entry, ex=self._seen_seconds)
        for state in result.states.values():
            pipe.set(keys.issue(state.issue_id), state.model_dump_json())
        for incident in result.incidents:
            write_incident(pipe, incident)
        for incident_id, episode in result.counted.items():
            key = keys.incident_counts(incident_id)
            pipe.hset(key, "events", str(episode.events))
            pipe.hset(key, "last", str(episode.last_event_at.timestamp()))
        if result.heard:
            pipe.hset(keys.PROJECTS_HEARD, mapping={p: str(at.timestamp()) for p, at in result.heard.items()})


async def _remember(reader: Redis | Pipeline, issue_ids: Sequence[str], identities: Sequence[str]) -> Memory:
    bringers = await reader.mget([keys.seen(identity) for identity in identities]) if identities else []
    documents = await reader.mget([keys.issue(issue_id) for issue_id in issue_ids]) if issue_ids else []
    return Memory(
        seen={i: store.decoded(b) for i, b in zip(identities, bringers, strict=True) if b},
        states=parse_states(issue_ids, documents),
    )


class MemoryBooks:
    """Books that end with the process."""

    def __init__(self) -> None:
        self._seen: dict[str, str] = {}
        self._states: dict[str, IssueState] = {}
        self._ids = map(str, count(1))
        self._incidents: dict[str, Incident] = {}

    async def remember(self, issue_ids: Sequence[str], identities: Sequence[str]) -> Memory:
        return Memory(seen=self._seen, states=self._states)

    async def new_ids(self, count: int) -> list[str]:
        return list(islice(self._ids, count))

    async def keep(self) -> None:
        return

    async def write(self, issue_ids: Sequence[str], identities: Sequence[str], decide: Decide) -> Plan:
        result = await decide(Memory(seen=self._seen, states=self._states))
        self._seen |= result.seen
        self._states |= result.states
        self._incidents |= {incident.id: incident for incident in result.incidents}
        return result

    def current(self) -> list[Incident]:
        """Every incident as its issue left it, in the order of opening."""
        current = dict(self._incidents)
        for state in self._states.values():
            for index, episode in enumerate(state.episodes):
                incident = in_line(current[episode.incident_id], state, index)
                events = {"events": max(1, episode.events), "last_event_at": episode.last_event_at}
                current[episode.incident_id] = incident.model_copy(update=events)
        return list(current.values())
