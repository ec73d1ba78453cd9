"""Counters in the store: they outlive the process that counted, and never stop work."""

from __future__ import annotations

import pytest
import redis.asyncio
from prometheus_client import generate_latest

from investigator import keys
from investigator.counters import INVESTIGATIONS, RECONCILE_DELIVERIES, StoredCounters
from investigator.errors import StoreUnavailable
from investigator.store import connect


async def shown(store: redis.asyncio.Redis) -> str:
    counters = StoredCounters()
    await counters.refresh(store)
    return generate_latest(counters).decode()


async def test_what_a_job_counted_is_shown_by_another_process(store: redis.asyncio.Redis) -> None:
    await INVESTIGATIONS.add(store, "done")
    await INVESTIGATIONS.add(store, "done", amount=2)
    await INVESTIGATIONS.add(store, 'fa"iled')
    await RECONCILE_DELIVERIES.add(store, amount=250)
    metrics = await shown(store)
    assert 'pilot_investigations_total{result="done"} 3.0' in metrics
    assert 'pilot_investigations_total{result="fa\\"iled"} 1.0' in metrics
    assert "pilot_reconcile_deliveries_total 250.0" in metrics
    assert "# TYPE pilot_reconcile_sweeps_total counter" in metrics, "it is announced before it counted"


async def test_counters_of_the_next_version_are_left_alone(store: redis.asyncio.Redis) -> None:
    await store.hincrby(keys.COUNTERS, '["pilot_new", "x"]', 1)
    assert "pilot_new" not in await shown(store)


async def test_labels_must_fit(store: redis.asyncio.Redis) -> None:
    with pytest.raises(ValueError, match="labels"):
        await INVESTIGATIONS.add(store)


async def test_work_goes_on_when_the_store_cannot_count() -> None:
    async with connect("redis://127.0.0.1:1") as away:
        await INVESTIGATIONS.add(away, "done")
        with pytest.raises(StoreUnavailable):
            await StoredCounters().refresh(away)
