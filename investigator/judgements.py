"""What people say of our verdicts, kept as a stream that figures of quality are made from."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from redis.asyncio import Redis
from redis.typing import EncodableT, FieldT
from redis.typing import EncodableT, FieldT

from investigator import keys

KEPT = 100_000

Kind = Literal["thumbs", "graded"]
GRADES = ("bullseye", "near", "area", "wrong")  # of the named cause, the best first
THUMBS = ("up", "down")


async def note(
    store: Redis, kind: Kind, *, incident: str, run: int, value: str, by: str, at: datetime, reason: str = ""
) -> None:
    """Append a judgement; of several by one person on one run the newest counts.

    `value` is one of `THUMBS` or of `GRADES`, by `kind`; `by` is a Slack user id.
    """
    fields: dict[FieldT, EncodableT] = {
        "kind": kind,
        "incident": incident,
        "run": str(run),
        "value": value,
        "by": by,
        "at": at.isoformat(),
        "reason": reason,
    }
    await store.xadd(keys.QUALITY_EVENTS, fields, maxlen=KEPT, approximate=True)
