"""What is said in Slack, each thing once.

Slack has no idempotency key, so every message carries ours in its metadata: claim the key, post, remember
where. A claim without a memory means that somebody died in between: the message is looked for before it is
posted again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import structlog
from redis.asyncio import Redis

from investigator import keys
from investigator.classic_blocks import has_newest, to_classic, without_newest
from investigator.confirmation import confirm
from investigator.durability import LOCAL, Durability
from investigator.models.incident import ParentMessage
from investigator.models.message import Message
from investigator.slack import BAD_MESSAGE, CANNOT_POST_THERE, OutOfDate, Slack, SlackRefused
from investigator.slack_channels import PRIVATE, PUBLIC, find
from investigator.store import decoded

log = structlog.get_logger()

EVENT_TYPE = "incident_pilot"
REMEMBER_SECONDS = 90 * 24 * 3600
CHANNEL_SECONDS = 3600  # how long a channel's id is known by its name; asking again is dear
CLASSIC_SECONDS = 24 * 3600  # how long a workspace that refused new kinds of blocks is not shown them
_PAGES = 5


class Thread:
    """Posts and edits the messages of incidents."""

    def __init__(self, slack: Slack, store: Redis, durability: Durability = LOCAL) -> None:
        self._slack = slack
        self._store = store
        self._durability = durability

    async def say(
        self, key: str, message: Message, *, incident: str, channel: str, thread_ts: str | None = None
    ) -> ParentMessage:
        """Post `message` unless the thing called `key` was said already; returns where it stands.

        Raises:
            SlackRefused: when it cannot be posted in this channel at all (`CANNOT_POST_THERE`).
            OutsideCallFailed: when Slack cannot be reached now; calling again is safe.
            StoreUnavailable: when the replicas do not confirm the claim of its key; nothing was posted.
        """
        memory = await self._claim(key)
        if memory.get("ts"):
            return ParentMessage(channel=memory["channel"], ts=memory["ts"])
        if memory.get("died"):
            found = await self._find(key, channel, thread_ts, since=memory["at"])
            if found:
                log.info("message_adopted", key=key, channel=found.channel, ts=found.ts)
                return await self._remember(key, found)
        arguments = self._arguments(key, message, incident)
        if thread_ts:
            arguments["thread_ts"] = thread_ts
        # A claim that a fail-over forgets would let the next job post the same again without looking.
        await confirm(self._store, self._durability)
        posted = await self._post(channel, message, arguments)
        return await self._remember(key, posted)

    async def where(self, key: str) -> ParentMessage | None:
        """Where the thing called `key` stands; None when it was not said, or is being said just now."""
        memory = json.loads(await self._store.get(keys.said(key)) or "{}")
        return ParentMessage(channel=memory["channel"], ts=memory["ts"]) if "ts" in memory else None

    async def edit(self, key: str, message: Message, *, incident: str, at: ParentMessage) -> None:
        """Replace a message of ours; one that a person has deleted stays deleted.

        What it shows already is not sent again, and an edit that still waits for its turn at Slack gives way
        to a newer one.

        Raises:
            OutsideCallFailed: when Slack cannot be reached now; calling again is safe.
        """
        memory, shown = keys.edits(at.channel, at.ts), _digest(message)
        if await self._store.hget(memory, "shown") == shown:
            return
        number = await self._store.hincrby(memory, "asked", 1)
        await self._store.expire(memory, REMEMBER_SECONDS)

        async def newest() -> bool:
            return int(await self._store.hget(memory, "asked") or number) == number

        arguments = self._arguments(key, message, incident) | {"channel": at.channel, "ts": at.ts}
        try:
            await self._send("chat.update", message, arguments, newest)
        except OutOfDate:
            log.info("edit_overtaken", key=key)
        except SlackRefused as refusal:
            if refusal.code not in {"message_not_found", "cant_update_message", "edit_window_closed"}:
                raise
            log.warning("message_not_editable", key=key, code=refusal.code)
        else:
            if await newest():
                await self._store.hset(memory, "shown", shown)

    @staticmethod
    def _arguments(key: str, message: Message, incident: str) -> dict[str, Any]:
        return {
            "text": message.text,
            "blocks": list(message.blocks),
            "unfurl_links": False,
            "unfurl_media": False,
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": key, "incident": incident}},
        }

    async def _post(self, channel: str, message: Message, arguments: dict[str, Any]) -> ParentMessage:
        try:
            answer = await self._send("chat.postMessage", message, {**arguments, "channel": channel})
        except SlackRefused as refusal:
            if refusal.code != "not_in_channel" or not await self._join(channel):
                raise
            answer = await self._send("chat.postMessage", message, {**arguments, "channel": channel})
        return ParentMessage(channel=str(answer["channel"]), ts=str(answer["ts"]))

    async def _send(
        self,
        method: str,
        message: Message,
        arguments: dict[str, Any],
        still: Callable[[], Awaitable[bool]] | None = None,
    ) -> dict[str, Any]:
        """Say it as designed, else with older kinds of blocks, else as text: plain is better than silent."""
        newest = has_newest(message)
        if newest and await self._store.exists(keys.SLACK_CLASSIC):
            message = without_newest(message)
            arguments, newest = {**arguments, "blocks": list(message.blocks)}, False
        try:
            return await self._slack.call(method, still=still, **arguments)
        except SlackRefused as refusal:
            if refusal.code not in BAD_MESSAGE:
                raise
            log.error("slack_refused_blocks", method=method, code=refusal.code, channel=arguments["channel"])
        try:
            classic = to_classic(message, "")
            answer = await self._slack.call(method, **{**arguments, "blocks": list(classic.blocks)})
        except SlackRefused as refusal:
            if refusal.code not in BAD_MESSAGE:
                raise
            return await self._slack.call(method, **{**arguments, "blocks": []})
        if newest:
            await self._store.set(keys.SLACK_CLASSIC, "1", ex=CLASSIC_SECONDS)
        return answer

    async def _join(self, channel: str) -> bool:
        channel_id = await self._channel_id(channel)
        if channel_id is None:
            return False
        try:
            await self._slack.call("conversations.join", channel=channel_id)
        except SlackRefused as refusal:
            log.warning("cannot_join", channel=channel, code=refusal.code)
            return False
        return True

    async def _claim(self, key: str) -> dict[str, Any]:
        claim = json.dumps({"at": datetime.now(UTC).timestamp()})
        if await self._store.set(keys.said(key), claim, nx=True, ex=REMEMBER_SECONDS):
            return {}
        memory: dict[str, Any] = json.loads(await self._store.get(keys.said(key)) or claim)
        return memory | {"died": "ts" not in memory}

    async def _remember(self, key: str, at: ParentMessage) -> ParentMessage:
        await self._store.set(keys.said(key), at.model_dump_json(), ex=REMEMBER_SECONDS)
        return at

    async def _find(
        self, key: str, channel: str, thread_ts: str | None, *, since: float
    ) -> ParentMessage | None:
        channel_id = await self._channel_id(channel)
        if channel_id is None:
            return None
        method = "conversations.replies" if thread_ts else "conversations.history"
        # Slack's clock and ours may differ by a little.
        arguments: dict[str, Any] = {"channel": channel_id, "oldest": f"{since - 60:.6f}", "limit": 200}
        if thread_ts:
            arguments["ts"] = thread_ts
        for _ in range(_PAGES):
            answer = await self._slack.call(method, include_all_metadata=True, **arguments)
            for message in answer.get("messages", []):
                if message.get("metadata", {}).get("event_payload", {}).get("key") == key:
                    return ParentMessage(channel=channel_id, ts=str(message["ts"]))
            cursor = answer.get("response_metadata", {}).get("next_cursor")
            if not cursor:
                break
            arguments["cursor"] = cursor
        return None

    async def _channel_id(self, channel: str) -> str | None:
        if not channel.startswith("#"):
            return channel
        if known := await self._store.get(keys.channel(channel)):
            return decoded(known)
        found = await self._look_up(channel)
        if found:
            await self._store.set(keys.channel(channel), found, ex=CHANNEL_SECONDS)
        return found

    async def _look_up(self, channel: str) -> str | None:
        name = channel.removeprefix("#")
        try:
            found = await find(self._slack, name, PUBLIC, PRIVATE)
        except SlackRefused as refusal:
            if refusal.code != "missing_scope":
                raise
            log.warning("private_channels_unseen", channel=channel, remedy=refusal.remedy)
            found = await find(self._slack, name, PUBLIC)
        return str(found["id"]) if found else None


def _digest(message: Message) -> bytes:
    return hashlib.sha256(message.model_dump_json().encode()).hexdigest().encode()


def cannot_post_there(failure: SlackRefused) -> bool:
    return failure.code in CANNOT_POST_THERE
