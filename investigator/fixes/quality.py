"""What became of fix pull requests, for the quality figures: appended to the stream they are made from."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from redis.asyncio import Redis
from redis.typing import EncodableT, FieldT

from investigator import keys
from investigator.models.fix import FixPull

KEPT = 100_000
Outcome = Literal["fix_opened", "fix_merged", "fix_closed", "fix_reverted", "fix_quiet"]


async def note(store: Redis, outcome: Outcome, incident: str, pull: FixPull, at: datetime) -> None:
    """Append one outcome; its value is the kind of fix."""
    fields: dict[FieldT, EncodableT] = {
        "kind": outcome,
        "incident": incident,
        "at": at.isoformat(),
        "value": pull.kind,
        "by": pull.by,
        "pull_request": f"{pull.repository}#{pull.number}",
    }
    await store.xadd(keys.QUALITY_EVENTS, fields, maxlen=KEPT, approximate=True)
