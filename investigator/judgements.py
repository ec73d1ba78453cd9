"""What people say of our verdicts, kept as a stream that figures of quality are made from."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from redis.asyncio import Redis
from redis.typing import EncodableT, FieldT

from investigator import keys
from investigator.models.base import Document

KEPT = 100_000
GRADES = ("bullseye", "near", "area", "wrong")  # of the named cause, the best first
THUMBS = ("up", "down")


class Judgement(Document):
    """Of several by one person on one run the newest counts. `value` is one of `THUMBS` or of `GRADES`."""

    kind: Literal["thumbs", "graded"]
    incident: str
    run: int
    value: str
    by: str  # Slack user id
    at: datetime
    reason: str = ""


async def note(store: Redis, judgement: Judgement) -> None:
    """Append it, as one field of text for each of its own."""
    told = judgement.model_dump(mode="json", exclude={"schema_version"})
    fields: dict[FieldT, EncodableT] = {name: str(value) for name, value in told.items()}
    await store.xadd(keys.QUALITY_EVENTS, fields, maxlen=KEPT, approximate=True)
