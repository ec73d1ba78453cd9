"""Calls to Slack: one place for time limits, retries and what an error means."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from investigator.errors import OutsideCallFailed
from investigator.models.incident import ParentMessage
from investigator.slack_budget import SlackBudget
from investigator.slack_tally import SlackTally
from investigator.tracing import span

log = structlog.get_logger()

CALL_SECONDS = 10
UPLOAD_SECONDS = 20
PATIENCE_SECONDS = 12.0  # how long a call may wait for Slack's rate limit before the job is handed back

_WHAT_TO_DO = {
    "channel_not_found": "create the channel or correct its name in pilot.yml; invite the bot if private",
    "not_in_channel": "invite the bot: /invite @IncidentPilot",
    "is_archived": "unarchive the channel or choose another in pilot.yml",
    "invalid_auth": "set SLACK_BOT_TOKEN to the bot token of the installed app",
    "not_authed": "set SLACK_BOT_TOKEN to the bot token of the installed app",
    "token_revoked": "reinstall the app and set the new SLACK_BOT_TOKEN",
    "account_inactive": "the app was removed: reinstall it and set the new SLACK_BOT_TOKEN",
    "missing_scope": "reinstall the app from app_manifest.yml, which names all scopes",
    "restricted_action": "a workspace rule forbids the bot to post there: ask a Slack admin",
}
# These methods take no JSON bodies.
_READING = {
    "chat.getPermalink",
    "files.getUploadURLExternal",
    "bookmarks.list",
    "conversations.history",
    "conversations.info",
    "conversations.list",
    "conversations.replies",
    "users.info",
    "users.lookupByEmail",
    "usergroups.list",
    "usergroups.users.list",
}
_UNAUTHORIZED = {"invalid_auth", "not_authed", "token_revoked", "account_inactive"}
CANNOT_POST_THERE = {"channel_not_found", "not_in_channel", "is_archived", "restricted_action"}
BAD_MESSAGE = {"invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long"}


class SlackRefused(OutsideCallFailed):
    """Slack answered, and the answer was no. `code` is its own word for it, `needed` the scope it names."""

    def __init__(self, method: str, code: str, needed: str = "") -> None:
        kind = "unauthorized" if code in _UNAUTHORIZED else "rejected"
        remedy = _WHAT_TO_DO.get(code)
        extra = f", needed: {needed}" if needed else ""
        super().__init__("Slack", kind, f"{method}: {code}{extra}" + (f" ({remedy})" if remedy else ""))
        self.code = code
        self.needed = needed
        self.remedy = remedy


class OutOfDate(Exception):
    """While a call waited for its turn it became pointless; nothing was sent."""


class Slack:
    """A thin layer over the SDK's client.

    Turns and rate limits are waited for up to `PATIENCE_SECONDS` a call; `budget` shares them with the other
    processes. A connection that failed or an answer that never came is not repeated here: whether a message
    was posted is found out by its key (`thread.py`).
    """

    def __init__(
        self, token: str, base_url: str, session: aiohttp.ClientSession, budget: SlackBudget | None = None
    ) -> None:
        self.tally = SlackTally()
        self._budget = budget
        self._session = session
        self._client = AsyncWebClient(token=token, base_url=base_url, session=session, retry_handlers=[])

    async def call(
        self, method: str, *, still: Callable[[], Awaitable[bool]] | None = None, **arguments: Any
    ) -> dict[str, Any]:
        """Call a Web API method, e.g. `chat.postMessage`.

        Args:
            still: asked after a wait, right before the call, whether it is still wanted.

        Raises:
            OutOfDate: it is not.
            SlackRefused: when Slack says no.
            OutsideCallFailed: when there was no usable answer, or the rate limit outlasts our patience.
        """
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            await self._turn(method, str(arguments.get("channel", "")), give_up)
            if still is not None and not await still():
                raise OutOfDate
            try:
                return await self._counted(method, arguments)
            except OutsideCallFailed as failure:
                wait = failure.retry_after
                if failure.kind != "rate_limited" or wait is None:
                    raise
                log.info("slack_rate_limited", method=method, retry_after=wait)
                if self._budget:
                    await self._budget.pause(method, wait)
                if time.monotonic() + wait > give_up:
                    raise
                await asyncio.sleep(wait)

    async def upload(
        self,
        name: str,
        content: bytes,
        *,
        title: str,
        alt_text: str = "",
        share: ParentMessage | None = None,
    ) -> str:
        """Give Slack a file, for a message to show it (`slack_file` of an image block); returns its id.

        With `share` it is put below that message at once, for which the bot must be in the channel.

        A repetition uploads a second file, which nobody sees.

        Raises:
            SlackRefused, OutsideCallFailed: as `call`.
        """
        arguments: dict[str, Any] = {"filename": name, "length": len(content)}
        if alt_text:
            arguments["alt_txt"] = alt_text
        ticket = await self.call("files.getUploadURLExternal", **arguments)
        timeout = aiohttp.ClientTimeout(total=UPLOAD_SECONDS)
        try:
            async with self._session.post(ticket["upload_url"], data=content, timeout=timeout) as answer:
                status = answer.status
        except TimeoutError:
            raise OutsideCallFailed("Slack", "timeout", f"upload: no answer in {UPLOAD_SECONDS} s") from None
        except aiohttp.ClientError as error:
            raise OutsideCallFailed("Slack", "unreachable", f"upload: {type(error).__name__}") from None
        if status != 200:
            raise OutsideCallFailed("Slack", "server_error", f"upload: HTTP {status}")
        file = {"id": ticket["file_id"], "title": title}
        where: dict[str, Any] = {"channel_id": share.channel, "thread_ts": share.ts} if share else {}
        await self.call("files.completeUploadExternal", files=[file], **where)
        return str(ticket["file_id"])

    async def _turn(self, method: str, channel: str, give_up: float) -> None:
        """Wait for our turn among all processes, or hand the job back when it is too far away."""
        if self._budget is None:
            return
        patience = max(0.0, give_up - time.monotonic())
        wait = await self._budget.reserve(method, channel, patience)
        if wait > patience:
            raise OutsideCallFailed(
                "Slack", "rate_limited", f"{method}: {wait:.0f} s until our turn", retry_after=wait
            )
        await asyncio.sleep(wait)

    async def _counted(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        try:
            with span("slack", method=method):
                answer = await self._once(method, arguments)
        except OutsideCallFailed as failure:
            self.tally.note(method, failure.kind, time.time())
            raise
        self.tally.note(method, "ok", time.time())
        return answer

    async def _once(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        try:
            # The SDK's own time limit does not hold for a session that it is given.
            async with asyncio.timeout(CALL_SECONDS):
                if method in _READING:
                    response = await self._client.api_call(method, http_verb="GET", params=arguments)
                else:
                    response = await self._client.api_call(method, json=arguments)
        except SlackApiError as error:
            raise _failure(method, error) from None
        except TimeoutError:
            raise OutsideCallFailed("Slack", "timeout", f"{method}: no answer in {CALL_SECONDS} s") from None
        except aiohttp.ClientError as error:
            raise OutsideCallFailed("Slack", "unreachable", f"{method}: {type(error).__name__}") from None
        data = response.data
        if not isinstance(data, dict):
            raise OutsideCallFailed("Slack", "bad_answer", f"{method}: not a JSON object")
        return data


def _failure(method: str, error: SlackApiError) -> OutsideCallFailed:
    response = error.response
    # Where the body was no JSON, the SDK hands out the transport's response instead of its own.
    status = getattr(response, "status_code", None) or getattr(response, "status", None)
    data = getattr(response, "data", None)
    if status == 429:
        after = response.headers.get("Retry-After") or response.headers.get("retry-after") or "1"
        return OutsideCallFailed(
            "Slack", "rate_limited", method, retry_after=float(after) if after.isdigit() else 1.0
        )
    if status is not None and status >= 500:
        return OutsideCallFailed("Slack", "server_error", f"{method}: HTTP {status}")
    if not isinstance(data, dict) or "error" not in data:
        return OutsideCallFailed("Slack", "bad_answer", f"{method}: HTTP {status}, not Slack's JSON")
    return SlackRefused(method, str(data["error"]), str(data.get("needed") or ""))
