"""The clock enqueues each task once for each slot of time, however many clocks run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
import redis.asyncio

from investigator import clock
from investigator.queue import Jobs, queue
from investigator.store import connect_sync


@pytest.fixture
def blocking(store_url: str) -> Iterator[redis.Redis]:
    with connect_sync(store_url) as client:
        yield client


async def test_a_task_is_enqueued_once_a_slot_by_all_clocks_together(
    store: redis.asyncio.Redis, blocking: redis.Redis
) -> None:
    tasks = {"sweep": 30, "reconcile": 120}
    for now in (12_000.0, 12_001.0, 12_119.0, 12_120.0):
        for _ in range(2):
            await clock.tick(store, Jobs(blocking), tasks, now=now)
    assert sorted(queue(blocking).get_job_ids()) == [
        "reconcile-100",
        "reconcile-101",
        "sweep-400",
        "sweep-403",
        "sweep-404",
    ]
