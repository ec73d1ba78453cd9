"""The watch: look, judge, page. Every clock and every web runs one; one of them pages at a time.

Who holds the lease pages, with alarms that all share. While the store is away everybody is on its own, with
alarms in memory: pagers make one alert of what several tell, by its key; in the ops channel each looks first
whether another has told it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog
from redis.asyncio import Redis

from investigator import keys
from investigator.counters import PAGES
from investigator.errors import OutsideCallFailed, StoreUnavailable
from investigator.health.observer import Observer
from investigator.health.rules import findings
from investigator.health.words import Told, tell_all
from investigator.lease import Lease
from investigator.store import as_unavailable, decoded
from investigator.watchdog.alarms import Alarm, Alarms, Page, step, together, undone
from investigator.watchdog.heartbeat import Heartbeat
from investigator.watchdog.pager import Pager

log = structlog.get_logger(__name__)

EVERY_SECONDS = 10.0
LEASE_MS = 25_000

Chore = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Seen:
    told: Sequence[Told]
    blind: bool

    @property
    def is_well(self) -> bool:
        return not any(each.severity == "critical" for each in self.told)


class Watch:
    """`chores` are done before each look; what they cannot do for want of the store is no trouble here."""

    def __init__(
        self,
        store: Redis,
        observer: Observer,
        pagers: Sequence[Pager],
        *,
        again_seconds: float,
        heartbeat: Heartbeat | None = None,
        chores: Sequence[Chore] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._observer = observer
        self._pagers = pagers
        self._again_seconds = again_seconds
        self._heartbeat = heartbeat
        self._chores = chores
        self._clock = clock
        self._lease = Lease(store, keys.WATCHDOG_LEASE, ms=LEASE_MS)
        self._alone: dict[str, Alarm] = {}  # alarms of the time without the store

    async def run(self, stop: asyncio.Event) -> None:
        """Look every ten seconds until `stop` is set, for the first time when those have passed."""
        while not stop.is_set():
            try:
                async with asyncio.timeout(EVERY_SECONDS):
                    await stop.wait()
            except TimeoutError:
                await self._look_anyway()

    async def _look_anyway(self) -> None:
        try:
            await self.look()
        except Exception as error:  # a fault of one look must not end the watch; the log has it
            log.error("look_failed", exc_info=error)

    async def look(self) -> None:
        """One look, and what follows from it."""
        for chore in self._chores:
            try:
                await chore()
            except StoreUnavailable as error:
                log.info("chore_put_off", error=str(error))
        snapshot = await self._observer.snapshot()
        blind = snapshot.flow is None or bool(snapshot.store.refusal)
        seen = _Seen(tell_all(findings(snapshot)), blind=blind)
        try:
            with as_unavailable():
                await self._together(seen)
        except StoreUnavailable as error:
            log.warning("watching_alone", error=str(error))
            self._alone = await self._told(self._alone, seen, alone=True)

    async def _together(self, seen: _Seen) -> None:
        if self._alone:  # whoever pages now goes on with what we began
            begun = [alarm.model_dump_json() for alarm in self._alone.values()]
            await self._store.rpush(keys.ALARMS_ALONE, *begun)
        self._alone = {}
        if not await self._lease.hold():
            return
        documents = await self._store.hgetall(keys.ALARMS)
        known = {decoded(key): Alarm.model_validate_json(document) for key, document in documents.items()}
        alone = await self._store.lrange(keys.ALARMS_ALONE, 0, -1)
        after = await self._told(together(known, map(Alarm.model_validate_json, alone)), seen)
        await self._save(known, after, taken=len(alone))
        if self._heartbeat and seen.is_well:
            await self._heartbeat.beat(self._clock())

    async def _save(self, before: Alarms, after: Alarms, *, taken: int) -> None:
        async with self._store.pipeline(transaction=True) as pipe:
            for key in before.keys() - after.keys():
                pipe.hdel(keys.ALARMS, key)
            for key, alarm in after.items():
                pipe.hset(keys.ALARMS, key, alarm.model_dump_json())
            pipe.ltrim(keys.ALARMS_ALONE, taken, -1)
            await pipe.execute()

    async def _told(self, known: dict[str, Alarm], seen: _Seen, *, alone: bool = False) -> dict[str, Alarm]:
        """The alarms after everybody was told who could be."""
        after, pages = step(
            known, seen.told, now=self._clock(), again_seconds=self._again_seconds, blind=seen.blind
        )
        pages = [page.model_copy(update={"alone": alone}) for page in pages]
        taken = await asyncio.gather(*(self._page(page) for page in pages))
        failed = [
            page.key.removeprefix("incidentpilot:")
            for page, was_taken in zip(pages, taken, strict=True)
            if not was_taken
        ]
        return undone(after, known, failed)

    async def _page(self, page: Page) -> bool:
        """Whether anybody took it. Where nobody is to be told, the log is."""
        report = log.info if page.action == "resolve" else log.error
        report("page", action=page.action, key=page.key, severity=page.severity, what=page.what)
        to = [pager for pager in self._pagers if page.severity == "critical" or not pager.wakes]
        taken = await asyncio.gather(*(self._tell(pager, page) for pager in to))
        return any(taken) or not to

    async def _tell(self, pager: Pager, page: Page) -> bool:
        try:
            await pager.tell(page)
        except OutsideCallFailed as failure:
            log.error("page_not_taken", pager=pager.name, key=page.key, error=str(failure))
            await PAGES.add(self._store, pager.name, failure.kind)
            return False
        await PAGES.add(self._store, pager.name, "ok")
        return True
