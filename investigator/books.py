"""What triage knows and writes down, in the store; `memory_books` has those of `pilot replay`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import WatchError

from investigator import keys, store
from investigator.desk import Look
from investigator.desk_store import StoreLook, write_desk
from investigator.incidents import Incidents, parse_states, write_count
from investigator.lease import Lease, LeaseLost
from investigator.triage import Memory, Plan

# Thousands of identities as one command: packing one each takes longer than deciding what they mean.
_REMEMBER = """
for i, key in ipairs(KEYS) do redis.call('SET', key, ARGV[i + 1], 'EX', ARGV[1]) end
"""

Decide = Callable[[Memory, Look], Awaitable[Plan]]


class Books(Protocol):
    async def remember(self, issue_ids: Sequence[str], identities: Sequence[str]) -> Memory: ...

    async def new_ids(self, count: int) -> list[str]: ...

    def give_back(self, ids: Sequence[str]) -> None:
        """These were not needed: let them be the next ones."""

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
        self._spare: list[str] = []

    async def remember(self, issue_ids: Sequence[str], identities: Sequence[str]) -> Memory:
        return await _remember(self._store, issue_ids, identities)

    async def new_ids(self, count: int) -> list[str]:
        spare, self._spare = self._spare[:count], self._spare[count:]
        missing = count - len(spare)
        return [*spare, *(await self._incidents.new_ids(missing) if missing else [])]

    def give_back(self, ids: Sequence[str]) -> None:
        self._spare = [*ids, *self._spare]

    async def keep(self) -> None:
        if not await self._lease.hold():
            raise LeaseLost

    async def write(self, issue_ids: Sequence[str], identities: Sequence[str], decide: Decide) -> Plan:
        while True:
            async with self._store.pipeline(transaction=True) as pipe:
                await pipe.watch(keys.BOARD, *(keys.issue(issue_id) for issue_id in issue_ids))
                result = await decide(await _remember(pipe, issue_ids, identities), StoreLook(pipe))
                # Deciding may take long; from here to the end nothing does.
                await self.keep()
                await self._lease.fence(pipe)
                store.begin(pipe)
                self._queue(pipe, result)
                try:
                    await pipe.execute()
                except WatchError:
                    continue
                return result

    def _queue(self, pipe: Pipeline, result: Plan) -> None:
        if seen := result.seen:
            names = map(keys.seen, seen)
            pipe.eval(_REMEMBER, len(seen), *names, self._seen_seconds, *seen.values())
        for state in result.states.values():
            pipe.set(keys.issue(state.issue_id), state.model_dump_json())
        write_desk(pipe, result.desk, result.board)
        placed = {episode.alert_key: episode for s in result.states.values() for episode in s.episodes}
        for key in result.counted.keys() & placed.keys():
            write_count(pipe, placed[key])
        if result.desk.changed:
            pipe.sadd(keys.TRIAGE_DUE, *result.desk.changed)
        if result.heard:
            pipe.hset(keys.PROJECTS_HEARD, mapping={p: str(at.timestamp()) for p, at in result.heard.items()})


async def _remember(reader: Redis | Pipeline, issue_ids: Sequence[str], identities: Sequence[str]) -> Memory:
    bringers = await reader.mget([keys.seen(identity) for identity in identities]) if identities else []
    documents = await reader.mget([keys.issue(issue_id) for issue_id in issue_ids]) if issue_ids else []
    return Memory(
        seen={i: store.decoded(b) for i, b in zip(identities, bringers, strict=True) if b},
        states=parse_states(issue_ids, documents),
    )
