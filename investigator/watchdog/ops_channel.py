"""The channel of whoever runs the bot. It needs no store: pages come when that is what is gone."""

from __future__ import annotations

from datetime import UTC, datetime

from investigator.rendering import Renderer
from investigator.slack import Slack
from investigator.watchdog.alarms import Page


class OpsChannel:
    """Told of warnings too."""

    name = "slack"
    wakes = False

    def __init__(self, slack: Slack, renderer: Renderer, channel: str, source: str) -> None:
        self._slack = slack
        self._renderer = renderer
        self._channel = channel
        self._source = source

    async def tell(self, page: Page) -> None:
        since = datetime.fromtimestamp(page.since, UTC)
        message = self._renderer.render("page", page=page, since=since, source=self._source)
        await self._slack.call(
            "chat.postMessage",
            channel=self._channel,
            text=message.text,
            blocks=list(message.blocks),
            unfurl_links=False,
        )
