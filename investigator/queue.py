"""Enqueuing of jobs. Each has an id of its own, so asking twice makes one job."""

from __future__ import annotations

import asyncio
from typing import Any

import redis
import structlog
from rq import Queue, Retry
from rq.exceptions import DuplicateJobError
from rq.serializers import JSONSerializer

log = structlog.get_logger()

QUEUE = "investigations"
JOB_SECONDS = 180
# Together about an hour: a Slack or store outage of that length delays a thread, it does not lose it.
RETRY_SECONDS = (1, 2, 5, 10, 20, 40, 60, 120, 300, 600, 900, 1500)
FAILED_JOB_SECONDS = 7 * 24 * 3600


def queue(connection: redis.Redis) -> Queue:
    return Queue(QUEUE, connection=connection, serializer=JSONSerializer, default_timeout=JOB_SECONDS)


class Jobs:
    """The jobs of this program, for callers on the event loop (RQ itself blocks, so it runs in a thread)."""

    def __init__(self, connection: redis.Redis) -> None:
        self._queue = queue(connection)

    async def investigate(self, incident_id: str, run: int) -> bool:
        """Run `run` of an incident. False when that job exists already."""
        return await self._enqueue("investigate", f"investigate-{incident_id}-{run}", incident_id, run)

    async def refresh(self, incident_id: str) -> bool:
        """Bring the parent message up to date. False when that is waiting to happen already."""
        return await self._enqueue("refresh", f"refresh-{incident_id}", incident_id)

    async def expand(self, incident_id: str, part: str) -> bool:
        """Post details into the thread. False when that is waiting to happen already."""
        return await self._enqueue("expand", f"expand-{incident_id}-{part}", incident_id, part)

    async def open_by_hand(
        self, request: str, reference: str, user: str, channel: str, reply_to: str
    ) -> bool:
        """Find the issue a person named and investigate it; `request` identifies the person's command."""
        return await self._enqueue("open_by_hand", f"open-{request}", reference, user, channel, reply_to)

    async def periodic(self, task: str, slot: int) -> bool:
        """A task of the clock's, for one slot of time."""
        return await self._enqueue(task, f"{task}-{slot}")

    async def _enqueue(self, function: str, job_id: str, *arguments: Any) -> bool:
        return await asyncio.to_thread(self._enqueue_now, function, job_id, arguments)

    def _enqueue_now(self, function: str, job_id: str, arguments: tuple[Any, ...]) -> bool:
        try:
            self._queue.enqueue(
                f"investigator.jobs.{function}",
                args=arguments,
                job_id=job_id,
                unique=True,
                retry=Retry(max=len(RETRY_SECONDS), interval=list(RETRY_SECONDS)),
                result_ttl=0,
                failure_ttl=FAILED_JOB_SECONDS,
            )
        except DuplicateJobError:
            return False
        log.info("job_enqueued", job=job_id)
        return True
