"""Who did what through the bot: appended to, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from redis.asyncio import Redis

from investigator import keys
from investigator.models.base import Document
from investigator.redaction import Vault, redact
from investigator.store import decoded

Result = Literal["done", "refused", "failed"]


class AuditEntry(Document):
    """`who` is a Slack user id, `what` an action such as open_pull_request; `detail` may be empty."""

    who: str
    what: str
    incident: str
    when: datetime
    result: Result
    detail: str = ""


async def record(
    store: Redis, *, who: str, what: str, incident: str, result: Result, detail: str = ""
) -> None:
    """Append one entry, now; what looks like a secret in `detail` is replaced."""
    fields: dict[Any, Any] = {  # redis-py's own type of fields admits no dictionary of text
        "who": who,
        "what": what,
        "incident": incident,
        "when": datetime.now(UTC).isoformat(),
        "result": result,
        "detail": redact(detail, Vault(), emails=False, ips=False),
    }
    await store.xadd(keys.AUDIT, fields)


async def entries(store: Redis, *, newest: int = 200) -> list[AuditEntry]:
    """The newest entries, newest first."""
    kept: Any = await store.xrevrange(keys.AUDIT, count=newest)
    return [AuditEntry.model_validate(_text(fields)) for _, fields in kept]


def _text(fields: Mapping[bytes, bytes]) -> dict[str, str]:
    return {decoded(name): decoded(value) for name, value in fields.items()}
