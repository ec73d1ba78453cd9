"""The watch pages once however many watch, and goes on without the store."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from redis.asyncio import Redis

from investigator import keys
from investigator.durability import Durability
from investigator.embedded_store import EmbeddedStore
from investigator.health.observer import Observer
from investigator.health.snapshot import Expected
from investigator.store import connect
from investigator.watchdog.watch import Watch
from tests.fixtures.pagers import Paging, paging

MINUTE = 60.0


class Time:
    """A clock that only moves when told to."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


def watch(store: Redis, world: Paging, clock: Callable[[], float]) -> Watch:
    observer = Observer(store, Durability(), Expected(), clock=clock)
    return Watch(
        store,
        observer,
        list(world.pagers.values()),
        again_seconds=30 * MINUTE,
        heartbeat=world.heartbeat,
        clock=clock,
    )


async def look(clock: Time, seconds: float, *watches: Watch, every: float = 10.0) -> None:
    """Let time pass, with looks in between."""
    end = clock.now + seconds
    while clock.now < end:
        clock.now += every
        for each in watches:
            await each.look()


async def all_alive(store: Redis, clock: Time) -> None:
    await store.set(keys.TRIAGE_LEASE, "x")
    await store.set(keys.CLOCK_ALIVE, str(clock.now + 10_000))
    await store.sadd("rq:workers", "rq:worker:1")
    await store.hset("rq:worker:1", "state", "idle")
    await store.hset(
        keys.PLACES, "web-1", '{"name": "web-1", "at": %f, "disk_free": 99e9}' % (clock.now + 10_000)
    )


async def test_several_watch_and_one_pages(store: Redis) -> None:
    clock = Time()
    await all_alive(store, clock)
    await store.delete("rq:worker:1")
    async with paging() as world:
        await look(clock, MINUTE, watch(store, world, clock), watch(store, world, clock))
        assert {key: it["triggers"] for key, it in world.sandbox.incidents.items()} == {
            "incidentpilot:no_worker": 1
        }
        assert world.sandbox.beats == 0, "who is not well says so to the dead man's switch by silence"


async def test_who_takes_over_goes_on_where_the_other_died(store: Redis) -> None:
    clock = Time()
    await all_alive(store, clock)
    await store.delete("rq:worker:1")
    async with paging() as world:
        await look(clock, MINUTE, watch(store, world, clock))
        await store.delete(keys.WATCHDOG_LEASE)  # as it runs out when its holder is killed
        heir = watch(store, world, clock)
        await look(clock, MINUTE, heir)
        assert world.sandbox.incidents["incidentpilot:no_worker"]["triggers"] == 1, "no second page"
        await store.hset("rq:worker:1", "state", "idle")
        await look(clock, 2 * MINUTE, heir)
        assert world.sandbox.incidents == {}, "the heir tells that it is over"
        assert world.sandbox.beats > 0


async def test_without_the_store_everybody_pages_and_it_is_one_alert_until_it_is_over(tmp_path: Path) -> None:
    clock = Time()
    server = EmbeddedStore(tmp_path)
    with server:
        store = connect(server.url)
        await all_alive(store, clock)
        async with paging() as world:
            pair = [watch(store, world, clock), watch(store, world, clock)]
            await look(clock, MINUTE, *pair)
            assert world.sandbox.incidents == {}
            server.stop()
            await look(clock, MINUTE, *pair)
            assert list(world.sandbox.incidents) == ["incidentpilot:store_down"]
            server.start()
            await all_alive(store, clock)
            await look(clock, 2 * MINUTE, *pair)
            assert world.sandbox.incidents == {}, "it is over, whoever pages now"
        await store.aclose()


async def test_who_had_not_paged_yet_does_not_hide_that_another_had(tmp_path: Path) -> None:
    """Its alarm comes back to the store first: the page of the other is still to be resolved."""
    clock = Time()
    server = EmbeddedStore(tmp_path)
    with server:
        store = connect(server.url)
        await all_alive(store, clock)
        async with paging() as world:
            early, late = watch(store, world, clock), watch(store, world, clock)
            await look(clock, 20, early, late)
            server.stop()
            await look(clock, 30, early)
            await look(clock, 10, late, early)
            assert world.sandbox.incidents["incidentpilot:store_down"]["triggers"] == 1
            server.start()
            await all_alive(store, clock)
            await look(clock, 2 * MINUTE, late, early)
            assert world.sandbox.incidents == {}, "the page is still open"
        await store.aclose()


async def test_what_no_pager_took_is_told_again(store: Redis) -> None:
    clock = Time()
    await all_alive(store, clock)
    await store.delete("rq:worker:1")
    async with paging() as world:
        one = watch(store, world, clock)
        world.sandbox.faults.add("/", status=400)
        await look(clock, MINUTE, one)
        world.sandbox.faults.clear()
        await look(clock, 10, one)
        assert list(world.sandbox.incidents) == ["incidentpilot:no_worker"]


async def test_a_warning_wakes_nobody(store: Redis) -> None:
    clock = Time()
    await all_alive(store, clock)
    await store.xadd(keys.INBOX_DEAD, {"reason": "rubbish"})
    async with paging() as world:
        await look(clock, 2 * MINUTE, watch(store, world, clock))
        assert world.sandbox.requests == ["/heartbeat"] * world.sandbox.beats
