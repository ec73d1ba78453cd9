"""Pauses between tries are passed over once the faults are over: waiting them out proves nothing."""

from __future__ import annotations

import time

from investigator.queue import RETRY_SECONDS, queue
from investigator.store import Address, connect_sync


def hurry(address: Address) -> int:
    """Let the clock find that what failed is due, with all its tries before it; how many jobs.

    What is planned for later, as pictures are, stays so.
    """
    with connect_sync(address) as client:
        work = queue(client)
        planned = work.scheduled_job_registry
        waiting = filter(None, map(work.fetch_job, planned.get_job_ids()))
        failed = [job for job in waiting if (job.retries_left or 0) < len(RETRY_SECONDS)]
        for job in failed:
            client.hset(job.key, "retries_left", len(RETRY_SECONDS))
            client.zadd(planned.key, {job.id: int(time.time())}, xx=True)
        return len(failed)
