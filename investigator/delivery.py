"""A webhook delivery as it came: raw, before anybody understood it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

TRACE = "traceparent"  # not Sentry's: the trace that was begun when the delivery came

# As Sentry's are made, and shorter than a hash: who has one signed body can send it with any key, which must
# not be what something else is known by.
_KEY = re.compile(r"[\w-]{1,63}", re.ASCII)

Origin = Literal["webhook", "reconcile", "replay"]


@dataclass(frozen=True)
class Delivery:
    """Raw bytes, the headers worth keeping (lower-case names) and our own time of receipt (UTC)."""

    body: bytes
    headers: Mapping[str, str]
    received_at: datetime
    origin: Origin = "webhook"

    @property
    def trace(self) -> str:
        """Empty when nobody traces."""
        return self.headers.get(TRACE, "")

    @property
    def key(self) -> str | None:
        """Sentry's `Idempotency-Key`; None from older versions, and for what is none of Sentry's making."""
        found = self.headers.get("idempotency-key", "")
        return found if _KEY.fullmatch(found) else None

    @cached_property
    def identity(self) -> str:
        """What makes a second copy of this delivery a duplicate: Sentry's key, else the body's hash.

        Never `Request-ID` or `Sentry-Hook-Timestamp`: both change with every attempt.
        """
        return self.key or hashlib.sha256(self.body).hexdigest()
