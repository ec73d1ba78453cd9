"""`pilot health`, from a store that is there or not."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from bot.health_command import judged
from investigator import keys
from investigator.health.looking import publish
from investigator.health.snapshot import Place
from investigator.settings import Settings


def settings(store_url: str, tmp_path: Path) -> Settings:
    return Settings(_env_file=None, redis_url=store_url, pilot_data_dir=tmp_path)


async def alive(store: Redis) -> None:
    """As if every process ran."""
    now = time.time()
    await store.set(keys.TRIAGE_LEASE, "x")
    await store.set(keys.CLOCK_ALIVE, str(now))
    await store.sadd("rq:workers", "rq:worker:1")
    await store.hset("rq:worker:1", "state", "idle")
    await publish(store, Place("web-1", now, disk_free=50 * 1024**3))


async def test_a_bot_that_works_is_well(store: Redis, store_url: str, tmp_path: Path) -> None:
    await alive(store)
    verdict = await judged(settings(store_url, tmp_path), as_json=True)
    document: dict[str, Any] = json.loads(verdict.text)
    assert document["findings"] == []
    assert document["ok"] is verdict.well is True
    assert document["flow"]["workers"] == 1


async def test_what_is_the_matter_is_told_with_its_remedy(
    store: Redis, store_url: str, tmp_path: Path
) -> None:
    await alive(store)
    await store.delete("rq:worker:1")  # killed: the list still names it
    verdict = await judged(settings(store_url, tmp_path), as_json=False)
    assert not verdict.well
    assert "No worker is alive" in verdict.text
    assert "docs/operations.md#no-worker" in verdict.text


async def test_a_warning_alone_fails_nothing(store: Redis, store_url: str, tmp_path: Path) -> None:
    await alive(store)
    await store.xadd(keys.INBOX_DEAD, {"reason": "rubbish"})
    verdict = await judged(settings(store_url, tmp_path), as_json=False)
    assert verdict.well
    assert "set aside" in verdict.text


async def test_that_the_store_is_gone_is_an_answer(tmp_path: Path) -> None:
    verdict = await judged(settings("redis://127.0.0.1:1/0", tmp_path), as_json=True)
    document = json.loads(verdict.text)
    assert [finding["rule"] for finding in document["findings"]] == ["store_down"]
    assert document["flow"] is None


async def test_places_that_fell_silent_are_forgotten(store: Redis) -> None:
    now = time.time()
    await publish(store, Place("web-old", now - 700))
    await publish(store, Place("web-new", now))
    assert await store.hkeys(keys.PLACES) == [b"web-new"]
