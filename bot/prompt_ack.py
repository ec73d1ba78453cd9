"""Acknowledges to Slack the moment a listener says so, before the listener goes on with its work."""

from __future__ import annotations

import asyncio
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse


class PromptAck(AsyncAck):
    """Bolt looks every 10 ms whether its own was called, and work that began meanwhile delays the answer.

    `given` is done when this one was called. The listener goes on when whoever answers Slack sets `answered`.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Bolt's has no annotations
        self.given: asyncio.Future[BoltResponse] = asyncio.get_running_loop().create_future()
        self.answered = asyncio.Event()

    async def __call__(self, *arguments: Any, **named: Any) -> BoltResponse:
        response = await super().__call__(*arguments, **named)
        if not self.given.done():
            self.given.set_result(response)
        await self.answered.wait()
        return response
