"""The sandbox's Slack, put together: `SlackSandbox` is what the demo and the tests hold."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from sandbox.faults import Faults
from sandbox.slack.acme import acme
from sandbox.slack.acts import Acts
from sandbox.slack.bot_link import BotLink, Reply
from sandbox.slack.clock import MessageClock
from sandbox.slack.page import Page
from sandbox.slack.rate import RateBudget
from sandbox.slack.shapes import message_shape
from sandbox.slack.state import Channel, Message
from sandbox.slack.tickets import Tickets
from sandbox.slack.uploads import add_file_routes
from sandbox.slack.web_api import EVERY_SCOPE, WebApi
from sandbox.slack.webhooks import add_response_route

MANIFEST_EVENTS = frozenset({"app_mention", "app_home_opened", "link_shared"})
LARGEST_BODY = 25_000_000


class SlackSandbox:
    """One workspace with the bot in it.

    `app` serves the Web API under `/api/`, the page under `/` and `response_url`s. Set `url` to where it
    is served and `bot_url` to the bot's `…/slack/events`, or use `serving()`. `acts` is what people do;
    `workspace` may be changed freely (archive a channel, remove the bot from it).

    `scopes` are the bot's (without `chat:write.public` it posts only where it is a member),
    `commands`, `subscriptions` (events) and `shortcuts` (callback id to name) stand for its manifest;
    `strict_rate` enforces Slack's rate limits (`rate.py`), `patience` is how long Slack waits for an
    acknowledgement and `retry_delays` when it repeats an event, in seconds.
    """

    def __init__(
        self,
        *,
        signing_secret: str,
        bot_token: str,
        bot_url: str | None,
        scopes: frozenset[str] = EVERY_SCOPE,
        commands: frozenset[str] = frozenset({"/pilot"}),
        subscriptions: frozenset[str] = MANIFEST_EVENTS,
        shortcuts: dict[str, str] | None = None,
        strict_rate: bool = False,
        patience: float = 3.0,
        retry_delays: Sequence[float] = (1.0, 60.0, 300.0),
        now: Callable[[], float] = time.time,
    ) -> None:
        clock = MessageClock(now)
        tickets = Tickets(clock)
        self.url = "http://127.0.0.1"
        self.faults = Faults()
        self.workspace = acme(clock)
        self._bot = BotLink(bot_url, signing_secret, now, patience=patience, retry_delays=retry_delays)
        self._api = WebApi(
            self.workspace,
            tickets,
            bot_token=bot_token,
            scopes=scopes,
            budget=RateBudget(clock) if strict_rate else None,
        )
        self.acts = Acts(
            self.workspace,
            tickets,
            self._bot,
            address=lambda: self.url,
            commands=commands,
            subscriptions=subscriptions,
        )
        self.app = web.Application(middlewares=[self.faults.middleware], client_max_size=LARGEST_BODY)
        self.app.router.add_route("*", "/api/{method}", self._api.handle)
        add_file_routes(self.app, self.workspace)
        add_response_route(self.app, self.workspace, tickets)
        Page(self.workspace, self.acts, shortcuts=shortcuts or {}).add_routes(self.app)
        self.app.on_cleanup.append(self._close)

    @property
    def bot_url(self) -> str | None:
        """Where the bot listens."""
        return self._bot.url

    @bot_url.setter
    def bot_url(self, url: str | None) -> None:
        self._bot.url = url

    def rotate(self, bot_token: str) -> None:
        """From now on only this token is taken."""
        self._api.bot_token = bot_token

    @property
    def calls(self) -> list[tuple[str, float]]:
        """Every call of the Web API: (method, monotonic seconds)."""
        return list(self._api.calls)

    @property
    def call_counts(self) -> Counter[str]:
        """Calls per method."""
        return self._api.call_counts

    @asynccontextmanager
    async def serving(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
        """Serve on this address while the context lasts; yields the address and sets `url`."""
        runner = web.AppRunner(self.app, shutdown_timeout=0.5)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
            self.url = f"http://{host}:{runner.addresses[0][1]}"
            yield self.url
        finally:
            await runner.cleanup()

    async def slash(
        self, command: str, text: str, *, channel: str, user: str = "priya", thread_ts: str | None = None
    ) -> Reply:
        """A person runs a slash command."""
        return await self.acts.slash(command, text, channel=channel, user=user, thread_ts=thread_ts)

    async def click(
        self, channel: str, ts: str, action_id: str, *, user: str = "priya", value: str | None = None
    ) -> Reply:
        """A person clicks a button, or chooses `value` from a menu."""
        return await self.acts.click(channel, ts, action_id, user=user, value=value)

    async def mention(
        self, text: str, *, channel: str, user: str = "priya", thread_ts: str | None = None
    ) -> str:
        """A person writes `@pilot …`; returns the message's ts after the first delivery."""
        spoken = text if "@pilot" in text else f"@pilot {text}"
        return (await self.acts.say(spoken, channel=channel, user=user, thread_ts=thread_ts)).ts

    async def until(self, condition: Callable[[], bool], *, timeout: float = 5.0) -> None:
        """Wait until something said or shown makes the condition true; raises `TimeoutError`."""
        async with asyncio.timeout(timeout):
            while True:
                version = self.workspace.version
                if condition():
                    return
                await self.workspace.changed_since(version)

    async def settle(self) -> None:
        """Wait until every redelivery of events is over."""
        await self._bot.settle()

    def messages(self, channel: str) -> list[dict[str, Any]]:
        """What stands in the channel itself, oldest first, with metadata."""
        place = self.workspace.channel(channel)
        seen = self.workspace.visible(place)
        return [self._shape(each) for each in seen if not each.is_reply or each.broadcast]

    def thread(self, channel: str, ts: str) -> list[dict[str, Any]]:
        """The replies below a message, oldest first, with metadata; not the message itself."""
        place = self.workspace.channel(channel)
        return [self._shape(place.messages[reply]) for reply in place.messages[ts].replies]

    def ephemerals(self, user: str) -> list[dict[str, Any]]:
        """What this person alone can see, in all channels, oldest first."""
        person = self.workspace.user(user).id
        everything = (each for channel in self._channels() for each in channel.messages.values())
        own = (each for each in everything if each.ephemeral_to == person and not each.deleted)
        return [self._shape(each) for each in sorted(own, key=lambda each: each.ts)]

    def _channels(self) -> list[Channel]:
        return list(self.workspace.channels.values())

    def _shape(self, message: Message) -> dict[str, Any]:
        return message_shape(self.workspace, message, metadata=True)

    async def _close(self, _app: web.Application) -> None:
        await self._bot.close()
