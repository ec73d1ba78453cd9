"""RQ, where a killed worker or a store that went back in time left something behind."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import redis.asyncio

from investigator.queue import Jobs, queue
from investigator.store import connect_sync


async def test_a_job_can_be_finished_though_the_record_of_a_killed_try_has_expired(
    store: redis.asyncio.Redis, store_url: str
) -> None:
    with connect_sync(store_url) as blocking:
        jobs = Jobs(blocking)
        assert await jobs.investigate("1", 1)
        job = queue(blocking).fetch_job("investigate-1-1")
        assert job is not None
        await store.zadd(job.execution_registry.key, {"a-killed-try": time.time() + 60})

        job.cleanup(0)

        assert await jobs.investigate("1", 1), "the finished job stands in the way of another"


async def test_what_is_due_is_tried_again_though_a_killed_scheduler_holds_the_lock(
    store: redis.asyncio.Redis, store_url: str
) -> None:
    with connect_sync(store_url) as blocking:
        jobs = Jobs(blocking)
        await jobs.investigate("1", 1)
        work = queue(blocking)
        job = work.fetch_job("investigate-1-1")
        assert job is not None
        work.remove(job)
        await store.set(f"rq:scheduler-lock:{work.name}", "a killed one")
        work.scheduled_job_registry.schedule(job, datetime.now(UTC) - timedelta(seconds=1))

        await jobs.enqueue_due()

        assert work.get_job_ids() == ["investigate-1-1"]
