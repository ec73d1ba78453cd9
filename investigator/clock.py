"""What happens without anybody asking. Several clocks may run: each moment's task is enqueued once.

RQ's own cron is not used: it enqueues with pickle, which this program allows nowhere (docs/decisions).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog
from redis.asyncio import Redis

from investigator import keys, store
from investigator.errors import StoreUnavailable
from investigator.incidents import Incidents
from investigator.queue import Jobs

log = structlog.get_logger()

TASKS: Mapping[str, int] = {
    "sweep": 30,
    "follow_fixes": 120,
    "retention": 3600,
    "quality_digest": 3600,
    "calibrate": 3600,
}  # job → every so many seconds
TICK_SECONDS = 1.0
FORGOTTEN = timedelta(minutes=2)


async def run(connection: Redis, jobs: Jobs, stop: asyncio.Event, tasks: Mapping[str, int] = TASKS) -> None:
    """Enqueue every task when its time comes, until `stop` is set. A store that is away is waited for."""
    while not stop.is_set():
        try:
            with store.as_unavailable():
                await tick(connection, jobs, tasks, now=time.time())
        except StoreUnavailable as error:
            log.warning("store_unavailable", error=str(error))
        await asyncio.sleep(TICK_SECONDS)


async def tick(connection: Redis, jobs: Jobs, tasks: Mapping[str, int], *, now: float) -> None:
    await connection.set(keys.CLOCK_ALIVE, str(now))
    for task, every in tasks.items():
        slot = int(now // every)
        if await connection.set(keys.clock(task, slot), "1", nx=True, ex=2 * every):
            await jobs.periodic(task, slot)
    await jobs.enqueue_due()


async def sweep(incidents: Incidents, jobs: Jobs, *, now: datetime) -> int:
    """Ask again for every run that was asked for and never carried out, for example because the store lost
    its job in a fail-over. Returns how many. A run that is waiting or under way is not doubled.
    """
    asked = 0
    for incident in await incidents.recent(500):
        run = None if incident.merged_into else incident.run
        if run and run.state == "requested" and now > (run.not_before or run.requested_at + FORGOTTEN):
            asked += await jobs.investigate(incident.id, run.number)
    if asked:
        log.warning("forgotten_runs", count=asked)
    return asked
