"""Jobs that Slack keeps waiting, and how they go on within seconds when it answers again.

RQ tries a job again at growing intervals, the last of them 25 minutes long. So those that failed because
Slack was away are listed. While any are, the clock asks Slack every few seconds whether it answers, and lets
the oldest try. Each job that gets through lets the next few follow: as fast as they are done, and no faster
than the budgets of `slack_budget.py` let them speak.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any

import structlog
from redis.asyncio import Redis

from investigator import keys, store
from investigator.composition import Program
from investigator.errors import OutsideCallFailed, StoreUnavailable
from investigator.queue import Jobs

log = structlog.get_logger()

PROBE_SECONDS = 5.0
FOLLOWING = 5  # jobs that follow one that got through
FORGOTTEN_SECONDS = 24 * 3600


async def keep_waiting(connection: Redis, job_id: str) -> None:
    """Remember that this job waits for Slack."""
    await connection.zadd(keys.SLACK_WAITING, {job_id: time.time()}, nx=True)
    await connection.expire(keys.SLACK_WAITING, FORGOTTEN_SECONDS)


async def go_on(connection: Redis, jobs: Jobs, most: int = FOLLOWING) -> int:
    """Let those run now that have waited longest; how many that were."""
    longest: Any = await connection.zpopmin(keys.SLACK_WAITING, most)
    return await jobs.hasten([store.decoded(job_id) for job_id, _ in longest]) if longest else 0


async def probe(program: Program) -> int:
    """If jobs wait for Slack and it answers, let one of them try.

    Raises:
        OutsideCallFailed: it does not answer, or refuses our token.
    """
    if not await program.store.exists(keys.SLACK_WAITING):
        return 0
    await program.slack.call("auth.test")
    return await go_on(program.store, program.jobs, most=1)


async def keep_probing(program: Program, stop: asyncio.Event) -> None:
    """Probe every few seconds until `stop` is set. A store that is away is waited for."""
    while not stop.is_set():
        try:
            with store.as_unavailable():
                if await probe(program):
                    log.info("slack_is_back")
        except OutsideCallFailed as failure:
            log.info("slack_still_away", error=str(failure))
        except StoreUnavailable as error:
            log.warning("store_unavailable", error=str(error))
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), PROBE_SECONDS)
