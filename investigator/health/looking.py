"""Gathering a snapshot. What does not answer is part of the answer, so nothing here raises for it."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from investigator import keys
from investigator.analysis.circuits import Name
from investigator.canary.ledger import Ledger
from investigator.confirmation import confirm
from investigator.durability import Durability
from investigator.errors import BadPayload, StoreUnavailable
from investigator.health.snapshot import Budget, Circuit, Flow, Place, StoreLook
from investigator.inbox_reader import InboxReader
from investigator.outside_results import MODELS, SLACK, results_of
from investigator.queue import QUEUE
from investigator.reconcile.window import Progress
from investigator.spool import Spool, SpoolUnavailable
from investigator.store import as_unavailable, decoded

CONFIRM_SECONDS = 0.8
PLACE_FORGOTTEN = 600.0
_QUEUE, _WORKERS, _FAILED = f"rq:queue:{QUEUE}", "rq:workers", f"rq:failed:{QUEUE}"


async def refusal(store: Redis, durability: Durability) -> str:
    """Why a write would not hold now; empty when it would. Changes nothing that is read."""
    try:
        with as_unavailable():
            await store.set(keys.CONFIRMATION, "")  # a store that is full still deletes
        await confirm(store, durability, CONFIRM_SECONDS)
    except StoreUnavailable as error:
        return str(error)
    return ""


async def look_at_store(store: Redis, durability: Durability) -> StoreLook:
    try:
        with as_unavailable():
            info: Mapping[str, Any] = await store.info()
    except StoreUnavailable as error:
        return StoreLook(reachable=False, refusal=str(error))
    return StoreLook(
        reachable=True,
        refusal=await refusal(store, durability),
        role=str(info.get("role", "")),
        version=str(info.get("valkey_version") or info.get("redis_version", "")),
        replicas=_online(info),
        file_problem=_file_problem(info),
        memory_share=_share(info.get("used_memory", 0), info.get("maxmemory", 0)),
    )


def _online(info: Mapping[str, Any]) -> int:
    replicas = (info.get(f"slave{number}") for number in range(int(info.get("connected_slaves", 0))))
    return sum(isinstance(each, Mapping) and each.get("state") == "online" for each in replicas)


def _file_problem(info: Mapping[str, Any]) -> str:
    states = (("aof_last_write_status", "the last write"), ("aof_last_bgrewrite_status", "the last rewrite"))
    return ", ".join(f"{what} failed" for field, what in states if info.get(field, "ok") != "ok")


def _share(used: Any, limit: Any) -> float:
    return float(used) / float(limit) if limit else 0.0


async def look_at_flow(store: Redis, models: Sequence[Name], now: float) -> Flow:
    """Raises: StoreUnavailable."""
    inbox = InboxReader(store, "health")
    with as_unavailable():
        waiting, oldest = await inbox.depth(), await _oldest(inbox, now)
        async with store.pipeline(transaction=False) as pipe:
            pipe.xlen(keys.INBOX_DEAD)
            pipe.exists(keys.TRIAGE_LEASE)
            pipe.get(keys.CLOCK_ALIVE)
            pipe.get(keys.RECONCILE)
            pipe.hgetall(keys.PLACES)
            pipe.hgetall(keys.outside(SLACK))
            pipe.hgetall(keys.outside(MODELS))
            pipe.hgetall(keys.GITHUB_BUDGETS)
            for name in models:
                pipe.hgetall(keys.circuit(*name))
            dead, triage, clock, progress, places, slack, asked, budgets, *circuits = await pipe.execute()
        queue_waiting, queue_oldest, failed, workers = await _queue(store, now)
        canary = await Ledger(store).read(now)
    return Flow(
        inbox_waiting=waiting,
        inbox_oldest=oldest,
        set_aside=dead,
        queue_waiting=queue_waiting,
        queue_oldest=queue_oldest,
        jobs_failed=failed,
        workers=workers,
        triage_active=bool(triage),
        clock_at=float(clock or 0),
        swept_until=_swept_until(progress),
        places=tuple(_place(document) for document in places.values()),
        slack=results_of(slack),
        models=results_of(asked),
        circuits=tuple(_circuit(name, notes) for name, notes in zip(models, circuits, strict=True)),
        budgets=tuple(_budget(decoded(field), json.loads(told)) for field, told in budgets.items()),
        canary=canary,
    )


async def _oldest(inbox: InboxReader, now: float) -> float:
    try:
        return await inbox.oldest_age(datetime.fromtimestamp(now, UTC))
    except BadPayload:  # an entry that is not ours; triage sets it aside
        return 0.0


async def _queue(store: Redis, now: float) -> tuple[int, float, int, int]:
    """(jobs waiting, age of the oldest, jobs failed for good, workers alive)."""
    async with store.pipeline(transaction=False) as pipe:
        pipe.llen(_QUEUE)
        pipe.lindex(_QUEUE, 0)
        pipe.zcount(_FAILED, now, "+inf")
        pipe.smembers(_WORKERS)
        waiting, first, failed, workers = await pipe.execute()
    async with store.pipeline(transaction=False) as pipe:
        pipe.hget(f"rq:job:{decoded(first)}", "enqueued_at") if first else pipe.echo("")
        for worker in workers:  # those that were killed stay listed for a while; their keys do not
            pipe.exists(decoded(worker))
        enqueued, *alive = await pipe.execute()
    oldest = max(0.0, now - datetime.fromisoformat(decoded(enqueued)).timestamp()) if enqueued else 0.0
    return waiting, oldest, failed, sum(alive)


def _swept_until(document: bytes | None) -> float:
    progress = Progress.model_validate_json(document) if document else Progress()
    return progress.covered_until.timestamp() if progress.covered_until else 0.0


def _place(document: bytes | str) -> Place:
    told = json.loads(document)
    return Place(**{name: value for name, value in told.items() if name in Place.__slots__})


def _circuit(name: Name, notes: Mapping[bytes, bytes]) -> Circuit:
    told = {decoded(key): float(value) for key, value in notes.items()}
    return Circuit(name[0], name[1], told.get("until", 0.0), int(told.get("failures", 0)))


def _budget(field: str, told: Sequence[float]) -> Budget:
    credential, _, resource = field.rpartition(":")
    left, limit, resets_at = told
    return Budget(credential, resource, int(left), int(limit), float(resets_at))


async def look_at_place(name: str, spool: Spool, directory: Path) -> Place:
    """This machine, as the process called `name` sees it."""
    deliveries, problem = 0, ""
    try:
        await spool.probe()
        deliveries = await spool.count()
    except SpoolUnavailable as error:
        problem = str(error)
    used, free = await asyncio.to_thread(_sizes, spool.path if deliveries else None, directory)
    return Place(name, time.time(), deliveries, used, problem, free)


def _sizes(spool: Path | None, directory: Path) -> tuple[int, int]:
    """Bytes of the spool's file, 0 when it is empty, and those free on its disk, 0 when it cannot be said."""
    try:
        return (spool.stat().st_size if spool else 0), shutil.disk_usage(directory).free
    except OSError:
        return 0, 0


async def publish(store: Redis, place: Place) -> None:
    """Let the others see it, and forget places that have long been silent. Raises: StoreUnavailable."""
    with as_unavailable():
        await store.hset(keys.PLACES, place.name, json.dumps(asdict(place)))
        told = await store.hgetall(keys.PLACES)
        gone = [name for name, it in told.items() if place.at - _place(it).at > PLACE_FORGOTTEN]
        if gone:
            await store.hdel(keys.PLACES, *gone)
