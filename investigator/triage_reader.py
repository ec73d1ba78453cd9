"""The one active reader of the inbox: read a batch, decide it, write the decision, act on it, acknowledge.

Written before acknowledged: whatever moment we die at, the next reader gets the batch again, sees from what
was written how far we came, and does the rest.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import WatchError

from investigator import keys, store
from investigator.catalog import Catalog
from investigator.errors import BadPayload, StoreUnavailable
from investigator.inbox_reader import Entry, InboxReader
from investigator.incidents import Incidents, UnknownIncident, parse_states, write_incident
from investigator.lease import Lease, LeaseLost
from investigator.models.incident import Incident, IssueState
from investigator.queue import Jobs
from investigator.sentry.parse import parse_notice
from investigator.triage import Memory, Plan, Understood, plan

log = structlog.get_logger()

BATCH = 200
BLOCK_MS = 500
STALE_MS = 5_000
CLAIM_EVERY_SECONDS = 2.0
TRIM_EVERY_SECONDS = 2.0
STAND_BY_SECONDS = 0.5
SEEN_SECONDS = 30 * 24 * 3600
REFRESH_EVERY_SECONDS = 3.0  # how often one incident's counters are edited in Slack
TRIES = 5  # how often a delivery may take its reader down before it is set aside


class TriageReader:
    """Runs until told to stop; several may run, one is active at a time."""

    def __init__(
        self, connection: Redis, inbox: InboxReader, catalog: Catalog, incidents: Incidents, jobs: Jobs
    ) -> None:
        self._store = connection
        self._inbox = inbox
        self._catalog = catalog
        self._incidents = incidents
        self._jobs = jobs
        self._lease = Lease(connection, keys.TRIAGE_LEASE)
        self._active = False
        self._claimed_at = 0.0
        self._trimmed_at = 0.0
        self._refresh_due: dict[str, float] = {}
        self._refreshed_at: dict[str, float] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Read until `stop` is set. A store that is away is waited for; nothing is lost meanwhile."""
        while not stop.is_set():
            try:
                with store.as_unavailable():
                    await self._turn()
            except StoreUnavailable as error:
                self._active = False
                log.warning("store_unavailable", error=str(error))
                await asyncio.sleep(STAND_BY_SECONDS)
            except LeaseLost:
                self._active = False
                log.warning("triage_lease_lost")
        if self._active:
            with store.as_unavailable():
                await self._lease.release()

    async def _turn(self) -> None:
        if await self.take_over():
            await self.read_once()
        else:
            await asyncio.sleep(STAND_BY_SECONDS)

    async def take_over(self) -> bool:
        """Become, or stay, the active reader; False while another one is."""
        held = await self._lease.hold()
        if held and not self._active:
            await self._inbox.ensure_group()
            self._claimed_at = 0.0
            log.info("triage_active")
        self._active = held
        return held

    async def read_once(self, block_ms: int = BLOCK_MS) -> int:
        """One batch; returns how many deliveries were dealt with."""
        entries: list[Entry] = []
        if time.monotonic() - self._claimed_at > CLAIM_EVERY_SECONDS:
            entries = await self._inbox.claim_stale(STALE_MS if self._claimed_at else 0)
            self._claimed_at = time.monotonic()
        entries = entries or await self._inbox.read(BATCH, block_ms)
        if entries:
            await self._process(entries)
        await self._refresh()
        return len(entries)

    async def _process(self, entries: Sequence[Entry]) -> None:
        understood = [item for entry in entries if (item := await self._understand(entry))]
        result = await self._decide(understood)
        for incident in result.opened:
            log.info(
                "incident_opened", incident=incident.id, service=incident.service, issue=incident.issue_ids
            )
        for reason, count in result.ignored.items():
            log.info("deliveries_ignored", reason=reason, count=count)
        states = await self._incidents.issue_states(sorted(result.touched))
        for state in states.values():
            await self._align(state)
        self._refresh_due.update(dict.fromkeys(result.counted, time.monotonic()))
        await self._inbox.acknowledge([entry.id for entry in entries])
        if time.monotonic() - self._trimmed_at > TRIM_EVERY_SECONDS:
            self._trimmed_at = time.monotonic()
            await self._inbox.trim()

    async def _understand(self, entry: Entry) -> Understood | None:
        if entry.attempts > TRIES:
            await self._set_aside(entry, f"took its reader down {TRIES} times")
            return None
        try:
            return Understood(entry.id, entry.delivery, parse_notice(entry.delivery.body))
        except BadPayload as error:
            await self._set_aside(entry, str(error))
            return None

    async def _set_aside(self, entry: Entry, reason: str) -> None:
        log.warning("delivery_set_aside", entry=entry.id, reason=reason)
        await self._inbox.set_aside(entry, reason)

    async def _decide(self, batch: Sequence[Understood]) -> Plan:
        if not batch:
            return Plan()
        issue_ids = sorted({item.notice.issue_id for item in batch if item.notice.issue_id})
        identities = sorted({identity for item in batch for identity in item.identities})
        while True:
            async with self._store.pipeline(transaction=True) as pipe:
                await self._lease.fence(pipe)
                if issue_ids:
                    await pipe.watch(*(keys.issue(issue_id) for issue_id in issue_ids))
                memory = await self._remember(pipe, issue_ids, identities)
                result = await self._plan(batch, memory)
                store.begin(pipe)
                write_plan(pipe, result)
                try:
                    await pipe.execute()
                except WatchError:
                    continue
                return result

    async def _plan(self, batch: Sequence[Understood], memory: Memory) -> Plan:
        # A rehearsal tells how many incidents open, so that no number is spent in vain.
        opening = len(plan(batch, memory, self._catalog, iter(map(str, range(len(batch))))).opened)
        ids = await self._incidents.new_ids(opening) if opening else []
        return plan(batch, memory, self._catalog, iter(ids))

    @staticmethod
    async def _remember(pipe: Pipeline, issue_ids: Sequence[str], identities: Sequence[str]) -> Memory:
        bringers = await pipe.mget([keys.seen(identity) for identity in identities])
        documents = await pipe.mget([keys.issue(issue_id) for issue_id in issue_ids]) if issue_ids else []
        return Memory(
            seen={i: store.decoded(b) for i, b in zip(identities, bringers, strict=True) if b},
            states=parse_states(issue_ids, documents),
        )

    async def _align(self, state: IssueState) -> None:
        """Bring an incident in line with its issue: investigated while open, resolved when settled."""
        if state.incident_id is None:
            return
        if state.status == "open":
            await self._jobs.investigate(state.incident_id, 1)
        else:
            by = "Sentry" if state.status == "resolved" else "Sentry (archived)"
            await self._settle(state.incident_id, state, by)
        if state.superseded_id:
            await self._settle(state.superseded_id, state, f"the next episode, #{state.incident_id}")

    async def _settle(self, incident_id: str, state: IssueState, by: str) -> None:
        try:
            await self._incidents.update(incident_id, lambda current: resolved(current, state, by))
        except UnknownIncident:
            log.error("incident_missing", incident=incident_id, issue=state.issue_id)
            return
        self._refresh_due[incident_id] = 0.0

    async def _refresh(self) -> None:
        """Have the parents of incidents edited that changed, each at a bounded rate."""
        now = time.monotonic()
        for incident_id in list(self._refresh_due):
            if now - self._refreshed_at.get(incident_id, 0.0) < REFRESH_EVERY_SECONDS:
                continue
            del self._refresh_due[incident_id]
            self._refreshed_at[incident_id] = now
            await self._jobs.refresh(incident_id)
        if len(self._refreshed_at) > 10_000:
            self._refreshed_at = {
                i: t for i, t in self._refreshed_at.items() if now - t < REFRESH_EVERY_SECONDS
            }


def write_plan(pipe: Pipeline, result: Plan) -> None:
    """Queue all writes of a decision, to be executed as one."""
    for identity, entry in result.seen.items():
        pipe.set(keys.seen(identity), entry, ex=SEEN_SECONDS)
    for state in result.states.values():
        pipe.set(keys.issue(state.issue_id), state.model_dump_json())
    for incident in result.opened:
        write_incident(pipe, incident)
    for incident_id, count in result.counted.items():
        key = keys.incident_counts(incident_id)
        pipe.hincrby(key, "events", count)
        pipe.hset(key, "last", str(result.last_event_at[incident_id].timestamp()))


def resolved(incident: Incident, state: IssueState, by: str) -> Incident:
    """The incident as its issue left it. Pure."""
    if incident.status == "resolved":
        return incident
    return incident.model_copy(
        update={"status": "resolved", "resolved_at": state.status_at, "resolved_by": by}
    )
