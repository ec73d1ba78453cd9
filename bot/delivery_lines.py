"""The log lines about webhooks, written some at a time.

One after each webhook costs four times as much as one after another: nothing of what writes it is in the
processor's caches by then. So what is known of each is only kept, and all else is done for many at once.
"""

from __future__ import annotations

import asyncio
import re
import time
from datetime import UTC, datetime
from typing import NamedTuple

import structlog

from bot.logs import LINES

log = structlog.get_logger()

WAIT_SECONDS = 0.1
_IDENTIFIER = re.compile(r"[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")


class _Answered(NamedTuple):
    """`at` is in seconds since 1970, `seconds` is what the answer took."""

    at: float
    outcome: str
    error: str
    delivery: str | None
    request_id: str | None
    seconds: float


class DeliveryLines:
    """Lines with the time they are about. A process that is killed takes those of its last moment along."""

    def __init__(self, wait: float = WAIT_SECONDS) -> None:
        self._wait = wait
        self._waiting: list[_Answered] = []

    def add(
        self, outcome: str, error: str, delivery: str | None, request_id: str | None, seconds: float
    ) -> None:
        if not self._waiting:
            asyncio.get_running_loop().call_later(self._wait, self.write)
        self._waiting.append(_Answered(time.time(), outcome, error, delivery, request_id, seconds))

    def write(self) -> None:
        """Write what waits."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            log.info("webhook_delivery", **{LINES: [_told(each) for each in waiting]})


def _told(answered: _Answered) -> dict[str, object]:
    return {
        "timestamp": datetime.fromtimestamp(answered.at, UTC),
        "outcome": answered.outcome,
        "error": answered.error or None,
        "request_id": identifier(answered.request_id),
        "delivery": answered.delivery,
        "seconds": round(answered.seconds, 4),
    }


def identifier(found: str | None) -> str | None:
    """Sentry's; anything that is no identifier, which could be a secret, is not repeated in the log."""
    return found if found and _IDENTIFIER.fullmatch(found) else None
