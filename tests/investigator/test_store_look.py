"""A look at a real store sees that its disk or its memory gives out."""

from __future__ import annotations

import asyncio
import os
import resource
import sys
from pathlib import Path

import pytest
from redis.asyncio import Redis

from investigator.durability import LOCAL
from investigator.embedded_store import EmbeddedStore
from investigator.health.looking import look_at_store
from investigator.health.rules import findings
from investigator.health.snapshot import Snapshot
from investigator.store import connect

MIB = 1024**2
NOW = 1_800_000_000.0


async def rewritten(store: Redis) -> None:
    """Its append-only file has been written anew, or the attempt is over."""
    await store.bgrewriteaof()
    async with asyncio.timeout(20):
        while (await store.info("persistence"))["aof_rewrite_in_progress"]:  # noqa: ASYNC110 - it tells no event
            await asyncio.sleep(0.02)


async def found(store: Redis) -> set[str]:
    look = await look_at_store(store, LOCAL)
    return {finding.rule for finding in findings(Snapshot(at=NOW, store=look))}


@pytest.mark.skipif(sys.platform != "linux", reason="limits a running process")
async def test_a_rewrite_that_fails_is_found_and_so_is_that_it_works_again(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path) as server:
        async with connect(server.url) as store:
            await store.set("large", os.urandom(3 * MIB))
            await rewritten(store)  # what is appended from here on is small, what is rewritten is not
            assert await found(store) == set()
            assert server.pid
            usual = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (MIB, usual[1]))
            await rewritten(store)
            assert await found(store) == {"store_file_failing"}
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, usual)
            await rewritten(store)
            assert await found(store) == set()


async def test_memory_that_comes_to_its_end_is_found_before_writes_are_refused(store: Redis) -> None:
    used = (await store.info("memory"))["used_memory"]
    await store.config_set("maxmemory", int(used * 1.14))
    try:
        assert await found(store) == {"store_memory_high"}
    finally:
        await store.config_set("maxmemory", 0)
