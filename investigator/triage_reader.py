"""The one active reader of the inbox: read a batch, decide it, write the decision, act on it, acknowledge.

Written before acknowledged: whatever moment we die at, the next reader gets the batch again, sees from what
was written how far we came, and does the rest. A delivery that takes its reader down is found by handling
ever fewer at once of what keeps coming back, and set aside after some tries. A try that failed because the
store was slow or away is no evidence against it: whoever survived that says so.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from investigator import keys, store
from investigator.books import StoreBooks
from investigator.canary.trial import sent_at_of
from investigator.catalog import Catalog
from investigator.confirmation import confirm
from investigator.durability import LOCAL, Durability
from investigator.errors import StoreUnavailable
from investigator.follow_up import FollowUp
from investigator.inbox_reader import ANY_ENTRY, Entry, InboxReader
from investigator.incidents import Incidents
from investigator.lease import Lease, LeaseLost
from investigator.parent_edits import ParentEdits
from investigator.provenance import UNKNOWN, Provenance, provenances
from investigator.queue import Jobs
from investigator.tracing import span
from investigator.triage import Plan
from investigator.triage_batch import triage_batch

log = structlog.get_logger()

BATCH = 500
BATCH_BYTES = 16_000_000  # about as much is held at once, however large bodies are
BLOCK_MS = 500
STALE_MS = 5_000
CLAIM_EVERY_SECONDS = 2.0
TRIM_EVERY_SECONDS = 2.0
STAND_BY_SECONDS = 0.5
TRIES = 5  # how often a delivery may take its reader down before it is set aside
# What comes back once comes back together: any reader may be killed, and what it held must not wait for long.
# At later attempts so many at once, then one by one: the deadly one is found before its tries are used up.
FEWER = {3: 50, 4: 5}


class TriageReader:
    """Runs until told to stop; several may run, one is active at a time.

    Deliveries are recognised when they come again within `seen_days`.
    """

    def __init__(
        self,
        connection: Redis,
        inbox: InboxReader,
        catalog: Catalog,
        incidents: Incidents,
        jobs: Jobs,
        *,
        seen_days: int = 30,
        durability: Durability = LOCAL,
    ) -> None:
        self._store = connection
        self._durability = durability
        self._inbox = inbox
        self._catalog = catalog
        self._incidents = incidents
        self._jobs = jobs
        self._lease = Lease(connection, keys.TRIAGE_LEASE)
        self._books = StoreBooks(connection, incidents, self._lease, seen_days * 24 * 3600)
        self._active = False
        self._claimed_at = 0.0
        self._trimmed_at = 0.0
        self._edits = ParentEdits(jobs)
        self._follow_up = FollowUp(connection, incidents, jobs, self._edits)
        self._trouble: dict[str, str] = {}
        self._innocent: Counter[str] = Counter()  # entries → tries of ours that failed for want of the store
        self._count = next_count(())

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
            with suppress(StoreUnavailable), store.as_unavailable():  # it ends by itself as well
                await self._lease.release()

    async def _turn(self) -> None:
        if await self.take_over():
            await self.read_once()
        else:
            await asyncio.sleep(STAND_BY_SECONDS)

    async def take_over(self) -> bool:
        """Become, or stay, the active reader; False while another one is."""
        if self._innocent:
            await self._inbox.excuse(self._innocent)
            self._innocent.clear()
        held = await self._lease.hold()
        if held and not self._active:
            await self._inbox.ensure_group()
            self._claimed_at = 0.0
            self._follow_up.look_for_left_over()
            log.info("triage_active")
        self._active = held
        return held

    async def read_once(self, block_ms: int = BLOCK_MS) -> int:
        """One batch; returns how many deliveries were dealt with."""
        entries = await self._abandoned()
        if not entries:
            entries = await self._inbox.read(self._count, block_ms)
            self._count = next_count(entries)
        if entries:
            await self._process(entries)
        await self._edits.ask()
        await self._trim()
        return len(entries)

    async def _abandoned(self) -> list[Entry]:
        """What a dead reader held, and this one could not handle."""
        if self._claimed_at and time.monotonic() - self._claimed_at < CLAIM_EVERY_SECONDS:
            return []
        try:
            entries = await self._inbox.claim_stale(STALE_MS if self._claimed_at else 0, self._most)
        except StoreUnavailable:
            # Some were handed out to us, perhaps, in an answer that never came.
            self._innocent[ANY_ENTRY] += 1
            raise
        if entries:
            self._count = next_count(entries)
        else:
            self._claimed_at = time.monotonic()
        return entries

    def _most(self, attempts: int) -> int:
        """How many to handle together that were handed out so often."""
        return self._count if attempts <= 2 else min(self._count, FEWER.get(attempts, 1))

    async def _process(self, entries: Sequence[Entry]) -> None:
        if len(entries) == 1 and entries[0].attempts > TRIES:
            await self._set_aside(entries[0], self._why(entries[0]))
            return
        try:
            traces = [entry.delivery.trace for entry in entries]
            with span("triage_batch", causes=traces, deliveries=len(entries)):
                await self._handle(entries)
        except (RedisError, OSError, StoreUnavailable, LeaseLost):
            self._innocent.update(entry.id for entry in entries)
            raise
        except Exception as error:  # noqa: BLE001 - one delivery must not hold up those behind it
            await self._find_trouble(entries, error)

    async def _find_trouble(self, entries: Sequence[Entry], error: Exception) -> None:
        """Of several, find which one cannot be handled; that one stays for another try."""
        if len(entries) > 1:
            for entry in entries:
                await self._process([entry])
            return
        self._trouble[entries[0].id] = f"{type(error).__name__}: {error}"
        log.error("delivery_failed", entry=entries[0].id, attempts=entries[0].attempts, exc_info=error)

    def _why(self, entry: Entry) -> str:
        seen = self._trouble.pop(entry.id, "took its reader down")
        return f"{seen} ({TRIES} tries)"

    async def _handle(self, entries: Sequence[Entry]) -> None:
        trials = {entry.id: at for entry in entries if (at := sent_at_of(entry.delivery)) is not None}
        for sent_at in trials.values():
            await self._jobs.canary(sent_at)
        real = [entry for entry in entries if entry.id not in trials]
        result, refused = await triage_batch(self._books, real, self._catalog)
        for found in refused:
            await self._set_aside(found.entry, found.reason)
        brought = provenances(result.desk.incidents, entries)
        _tell(result, brought)
        await self._follow_up.act(result, brought)
        await self._confirm()
        await self._inbox.acknowledge([entry.id for entry in entries])
        open_now = {s.episodes[-1] for s in result.states.values() if s.episodes and s.status == "open"}
        self._edits.counted({e.incident_id for e in open_now if e.alert_key in result.counted})

    async def _confirm(self) -> None:
        """Decision and jobs survive every fail-over when this returns. Replicas that are late are waited for
        here: a batch that is handed out again because of them would in the end count as poison.
        """
        while True:
            try:
                await confirm(self._store, self._durability)
            except StoreUnavailable as error:
                log.warning("batch_not_confirmed", error=str(error))
                await self._books.keep()
            else:
                return

    async def _set_aside(self, entry: Entry, reason: str) -> None:
        log.warning("delivery_set_aside", entry=entry.id, reason=reason)
        await self._inbox.set_aside(entry, reason)

    async def _trim(self) -> None:
        if time.monotonic() - self._trimmed_at > TRIM_EVERY_SECONDS:
            self._trimmed_at = time.monotonic()
            await self._inbox.trim()


def next_count(entries: Sequence[Entry]) -> int:
    """How many to read next, by the size of those just read; few while the size is not known. Pure."""
    size = sum(len(entry.delivery.body) for entry in entries)
    return max(1, min(BATCH, BATCH_BYTES * len(entries) // size, 4 * len(entries))) if size else 50


def _tell(result: Plan, brought: Mapping[str, Provenance]) -> None:
    for number in sorted(result.desk.changed):
        incident = result.desk.incidents[number]
        if incident.version:
            event = "incident_merged" if incident.merged_into else "incident_regrouped"
        else:
            event = "incident_opened" if incident.runs else "incident_recorded"
        delivery = brought.get(number, UNKNOWN).delivery
        log.info(
            event,
            incident=number,
            delivery=delivery,
            service=incident.service,
            alerts=len(incident.members),
        )
    for reason, count in result.ignored.items():
        log.info("deliveries_ignored", reason=reason, count=count)
