"""Deliveries that triage set aside: what they are, why, and back into the inbox with them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import WatchError

from investigator import keys
from investigator.delivery_codec import Fields, decode, flat
from investigator.errors import BadPayload
from investigator.models.base import Value
from investigator.store import as_unavailable, begin, decoded

_PAGE = 500
_OWN = (b"entry", b"reason")


class DeadLetter(Value):
    """`entry` was its place in the inbox, by which it is named. What is not ours has no `received_at`."""

    entry: str
    reason: str
    set_aside_at: datetime
    received_at: datetime | None = None
    bytes: int = 0


class DeadLetters:
    """All methods raise StoreUnavailable when the store is away."""

    def __init__(self, store: Redis) -> None:
        self._store = store

    async def count(self) -> int:
        with as_unavailable():
            return int(await self._store.xlen(keys.INBOX_DEAD))

    async def newest(self, limit: int = _PAGE) -> list[DeadLetter]:
        with as_unavailable():
            found: Any = await self._store.xrevrange(keys.INBOX_DEAD, count=limit)
        return [_letter(dead_id, fields) for dead_id, fields in found]

    async def put_back(self, entries: Collection[str] = ()) -> list[str]:
        """Put these back into the inbox, or all; returns which. What is not dead any more is passed over."""
        with as_unavailable():
            wanted: list[tuple[bytes, str]] = []
            start = "-"
            while found := await self._page(start):
                start = f"({decoded(found[-1][0])}"
                named = ((dead_id, _name(dead_id, fields)) for dead_id, fields in found)
                wanted += [(dead_id, name) for dead_id, name in named if not entries or name in entries]
            return [name for dead_id, name in wanted if await self._put_back(dead_id)]

    async def _page(self, start: str) -> list[tuple[bytes, Fields]]:
        found: Any = await self._store.xrange(keys.INBOX_DEAD, min=start, count=_PAGE)
        return list(found)

    async def _put_back(self, dead_id: bytes) -> bool:
        """In the inbox and gone from here at once, so that asking twice puts it back once."""
        while True:
            async with self._store.pipeline(transaction=True) as pipe:
                await pipe.watch(keys.INBOX_DEAD)
                found: Any = await pipe.xrange(keys.INBOX_DEAD, min=dead_id, max=dead_id)
                if not found:
                    return False
                delivery = {name: value for name, value in found[0][1].items() if name not in _OWN}
                begin(pipe)
                pipe.execute_command("XADD", keys.INBOX, "*", *flat(delivery))
                pipe.xdel(keys.INBOX_DEAD, dead_id)
                try:
                    await pipe.execute()
                except WatchError:
                    continue
                return True


def _name(dead_id: bytes, fields: Fields) -> str:
    return decoded(fields.get(b"entry", dead_id))


def _letter(dead_id: bytes, fields: Fields) -> DeadLetter:
    try:
        delivery = decode(fields)
    except BadPayload:
        delivery = None
    return DeadLetter(
        entry=_name(dead_id, fields),
        reason=fields.get(b"reason", b"unknown").decode("utf-8", "replace"),
        set_aside_at=datetime.fromtimestamp(int(dead_id.partition(b"-")[0]) / 1000, UTC),
        received_at=delivery.received_at if delivery else None,
        bytes=len(delivery.body) if delivery else 0,
    )
