"""The inbox from triage's side: read in order, finish, set aside, take over from a dead reader."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis
import structlog
from redis.asyncio import Redis

from investigator import keys
from investigator.delivery import Delivery
from investigator.delivery_codec import Fields, decode, encode, flat
from investigator.errors import BadPayload
from investigator.metrics import INBOX_OLDEST_SECONDS
from investigator.store import as_unavailable

log = structlog.get_logger(__name__)

EXCUSED_SECONDS = 3600
ANY_ENTRY = "*"
CLAIM_LOOKS_AT = 500  # of what was abandoned


@dataclass(frozen=True, slots=True)
class Entry:
    """A delivery in the inbox. `attempts` counts how often it was handed out, this time included.

    Times that were excused do not count.
    """

    id: str
    delivery: Delivery
    attempts: int = 1


class InboxReader:
    """One member of the group that reads the inbox. Methods raise StoreUnavailable when the store is away.

    At least once: an entry comes back until it is acknowledged or set aside. What cannot be decoded (nothing
    of ours) is set aside at once.
    """

    def __init__(self, store: Redis, consumer: str) -> None:
        self._store = store
        self._consumer = consumer

    async def ensure_group(self) -> None:
        """Make the group, reading from the beginning; harmless when it exists."""
        with as_unavailable():
            try:
                await self._store.xgroup_create(keys.INBOX, keys.INBOX_GROUP, id="0", mkstream=True)
            except redis.ResponseError as error:
                if not str(error).startswith("BUSYGROUP"):
                    raise

    async def read(self, count: int, block_ms: int) -> list[Entry]:
        """Entries nobody has read, oldest first.

        Waits up to `block_ms` for the first one: 0 does not wait; it must be less than the client's timeout.
        """
        with as_unavailable():
            streams: Any = await self._store.xreadgroup(
                keys.INBOX_GROUP, self._consumer, {keys.INBOX: ">"}, count=count, block=block_ms or None
            )
        return await self._decoded(streams[0][1], {}) if streams else []

    async def claim_stale(
        self, min_idle_ms: int, most: Callable[[int], int] = lambda attempts: 100
    ) -> list[Entry]:
        """Take over what another reader got at least `min_idle_ms` ago and never finished, oldest first.

        Those that come together were tried equally often; they are at most `most(attempts)`.
        """
        with as_unavailable():
            stale: Any = await self._store.xpending_range(
                keys.INBOX, keys.INBOX_GROUP, "-", "+", CLAIM_LOOKS_AT, idle=min_idle_ms or None
            )
            if not stale:
                return []
            tries = await self._tries(stale)
            attempts = next(iter(tries.values())) + 1
            alike = itertools.takewhile(lambda entry_id: tries[entry_id] + 1 == attempts, tries)
            ids = list(itertools.islice(alike, max(1, most(attempts))))
            claimed: Any = await self._store.xclaim(
                keys.INBOX, keys.INBOX_GROUP, self._consumer, min_idle_ms, [*ids]
            )
        return await self._decoded(claimed, dict.fromkeys(ids, attempts))

    async def _tries(self, pending: Sequence[Mapping[str, Any]]) -> dict[bytes, int]:
        """By entry, oldest first, how often it was handed out; without what was excused."""
        ids = [each["message_id"] for each in pending]
        *excused, of_any = await self._store.hmget(keys.INBOX_EXCUSED, [*ids, ANY_ENTRY])
        return {
            each["message_id"]: each["times_delivered"] - int(forgiven or 0) - int(of_any or 0)
            for each, forgiven in zip(pending, excused, strict=True)
        }

    async def excuse(self, tries: Mapping[str, int]) -> None:
        """So many tries of these entries, or of `ANY_ENTRY`, say nothing against them and no longer count."""
        with as_unavailable():
            async with self._store.pipeline(transaction=True) as pipe:
                for entry_id, number in tries.items():
                    pipe.hincrby(keys.INBOX_EXCUSED, entry_id, number)
                pipe.expire(keys.INBOX_EXCUSED, EXCUSED_SECONDS)
                await pipe.execute()

    async def acknowledge(self, ids: Sequence[str]) -> None:
        """These are finished. They stay in the stream until `trim`."""
        if ids:
            with as_unavailable():
                await self._store.xack(keys.INBOX, keys.INBOX_GROUP, *ids)

    async def set_aside(self, entry: Entry, reason: str) -> None:
        """Finish an entry that cannot be handled; it is kept in the dead stream with the reason."""
        await self._set_aside(entry.id.encode(), encode(entry.delivery), reason)

    async def trim(self) -> int:
        """Forget what the group has finished, and nothing else; how many entries."""
        with as_unavailable():
            group = await self._group()
            if group is None:
                return 0
            # In this order: what was handed out before the first answer is in the second, or finished.
            pending = await self._store.xpending(keys.INBOX, keys.INBOX_GROUP)
            behind = min(_number(i) for i in (group["last-delivered-id"], pending["min"]) if i)
            return int(
                await self._store.xtrim(keys.INBOX, minid=f"{behind[0]}-{behind[1]}", approximate=False)
            )

    async def depth(self) -> int:
        """How many entries are not finished."""
        with as_unavailable():
            group = await self._group()
            if group is None or group["lag"] is None:
                return int(await self._store.xlen(keys.INBOX))
            return int(group["pending"]) + int(group["lag"])

    async def oldest_age(self, now: datetime) -> float:
        """Seconds since the oldest unfinished entry was received, 0 without one; also sets the metric."""
        with as_unavailable():
            start = await self._first_unfinished()
            found: Any = await self._store.xrange(keys.INBOX, min=start, count=1)
        age = max(0.0, (now - decode(found[0][1]).received_at).total_seconds()) if found else 0.0
        INBOX_OLDEST_SECONDS.set(age)
        return age

    async def _first_unfinished(self) -> str:
        group = await self._group()
        if group is None:
            return "-"
        if group["pending"]:
            pending = await self._store.xpending(keys.INBOX, keys.INBOX_GROUP)
            if pending["min"]:
                return str(pending["min"].decode())
        return f"({group['last-delivered-id'].decode()}"

    async def _group(self) -> Mapping[str, Any] | None:
        if not await self._store.exists(keys.INBOX):
            return None
        groups = await self._store.xinfo_groups(keys.INBOX)
        return next((group for group in groups if group["name"] == keys.INBOX_GROUP.encode()), None)

    async def _decoded(
        self, raw: Sequence[tuple[bytes, Fields]], attempts: Mapping[bytes, int]
    ) -> list[Entry]:
        entries = []
        for entry_id, fields in raw:
            try:
                entries.append(Entry(entry_id.decode(), decode(fields), attempts.get(entry_id, 1)))
            except BadPayload as error:
                await self._set_aside(entry_id, fields, str(error))
        return entries

    async def _set_aside(self, entry_id: bytes, fields: Mapping[bytes, bytes], reason: str) -> None:
        log.warning("delivery_set_aside", entry=entry_id.decode(), reason=reason)
        with as_unavailable():
            async with self._store.pipeline(transaction=True) as pipe:
                dead = {**fields, b"entry": entry_id, b"reason": reason.encode()}
                pipe.execute_command("XADD", keys.INBOX_DEAD, "*", *flat(dead))
                pipe.xack(keys.INBOX, keys.INBOX_GROUP, entry_id)
                await pipe.execute()


def _number(entry_id: bytes) -> tuple[int, int]:
    milliseconds, _, sequence = entry_id.partition(b"-")
    return int(milliseconds), int(sequence)
