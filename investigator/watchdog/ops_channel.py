"""The channel of whoever runs the bot. It needs no store: pages come when that is what is gone.

Then everybody who watches tells the same. Slack has no key that would make one of it, so each looks at what
the channel says already, and of those that posted at the same moment the first stays.
"""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

import structlog

from investigator.errors import OutsideCallFailed
from investigator.rendering import Renderer
from investigator.slack import Slack, SlackRefused
from investigator.thread import EVENT_TYPE
from investigator.watchdog.alarms import CLEAR_SECONDS, Page

log = structlog.get_logger(__name__)

STAGGER_SECONDS = 4.0  # lets most of those that watch alone see what another has just told
_MESSAGES, _CHANNELS, _LISTS = 100, 1000, 5


class OpsChannel:
    """Told of warnings too. `again_seconds`: what lasts is told again after so long, and not before."""

    name = "slack"
    wakes = False

    def __init__(
        self,
        slack: Slack,
        renderer: Renderer,
        channel: str,
        source: str,
        *,
        again_seconds: float,
        stagger_seconds: float = STAGGER_SECONDS,
    ) -> None:
        self._slack = slack
        self._renderer = renderer
        self._channel = channel
        self._source = source
        self._window = max(CLEAR_SECONDS, again_seconds) - CLEAR_SECONDS / 2
        self._stagger_seconds = stagger_seconds
        self._id = "" if channel.startswith("#") else channel

    async def tell(self, page: Page) -> None:
        if not page.alone:
            await self._post(page)
            return
        await asyncio.sleep(random.uniform(0, self._stagger_seconds))  # noqa: S311 - no secret hangs on it
        if (said := await self._said(page)) and _key(said[-1]) == _key_of(page):
            log.info("page_told_by_another", key=page.key)
            return
        ours = await self._post(page)
        newest = takewhile(lambda each: _key(each) == _key_of(page), reversed(await self._said(page)))
        if any(float(each["ts"]) < float(ours) for each in newest):
            await self._slack.call("chat.delete", channel=self._id, ts=ours)

    async def _post(self, page: Page) -> str:
        since = datetime.fromtimestamp(page.since, UTC)
        message = self._renderer.render("page", page=page, since=since, source=self._source)
        answer = await self._slack.call(
            "chat.postMessage",
            channel=self._channel,
            text=message.text,
            blocks=list(message.blocks),
            unfurl_links=False,
            metadata={
                "event_type": EVENT_TYPE,
                "event_payload": {"key": _key_of(page), "incident": ""},
            },
        )
        self._id = str(answer["channel"])
        return str(answer["ts"])

    async def _said(self, page: Page) -> list[dict[str, Any]]:
        """What the channel says of this alarm, oldest first.

        Nothing when Slack does not tell: twice is better than never.
        """
        try:
            self._id = self._id or await self._look_up()
            messages = await self._history()
        except OutsideCallFailed as failure:
            log.warning("ops_channel_not_read", channel=self._channel, error=str(failure))
            return []
        of_alarm = [each for each in messages if _key(each).startswith(f"page:{page.key}:")]
        return sorted(of_alarm, key=lambda message: float(message["ts"]))

    async def _history(self) -> list[dict[str, Any]]:
        arguments: dict[str, Any] = {"oldest": f"{time.time() - self._window:.6f}", "limit": _MESSAGES}
        arguments |= {"channel": self._id, "include_all_metadata": True}
        try:
            answer = await self._slack.call("conversations.history", **arguments)
        except SlackRefused as refusal:
            if refusal.code != "not_in_channel":
                raise
            await self._slack.call("conversations.join", channel=self._id)
            answer = await self._slack.call("conversations.history", **arguments)
        return list(answer["messages"])

    async def _look_up(self) -> str:
        """The channel's id; empty when there is none of its name among the first thousands."""
        arguments: dict[str, Any] = {"types": "public_channel,private_channel", "limit": _CHANNELS}
        for _ in range(_LISTS):
            answer = await self._slack.call("conversations.list", exclude_archived=True, **arguments)
            for channel in answer["channels"]:
                if channel["name"] == self._channel.removeprefix("#"):
                    return str(channel["id"])
            arguments["cursor"] = answer.get("response_metadata", {}).get("next_cursor")
            if not arguments["cursor"]:
                break
        return ""


def _key_of(page: Page) -> str:
    return f"page:{page.key}:{page.action}:{page.severity}"


def _key(message: dict[str, Any]) -> str:
    return str(message.get("metadata", {}).get("event_payload", {}).get("key", ""))
