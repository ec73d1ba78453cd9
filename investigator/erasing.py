"""Taking what we posted about an incident out of Slack, thread and channel. What people wrote stays."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from investigator.errors import OutsideCallFailed
from investigator.models.incident import ParentMessage
from investigator.slack import Slack, SlackRefused

log = structlog.get_logger()

ANNOUNCES_CANVAS = ":canvas"  # how the key of the message ends that does

_PAGE = 200
_GONE = {"message_not_found", "thread_not_found", "file_not_found", "file_deleted", "canvas_not_found"}
_SLACKS_OWN = {"channel_join", "channel_leave", "channel_archive"}  # they tell nothing, and cannot be deleted
_CANVAS = re.compile(r"/docs/T\w+/(F\w+)")


@dataclass(slots=True)
class Erased:
    """`failed` says of each message, file or canvas that is still there why."""

    messages: int = 0
    files: int = 0
    canvases: int = 0
    of_others: int = 0
    archived: bool = False
    failed: list[str] = field(default_factory=list)


async def erase_thread(slack: Slack, parent: ParentMessage) -> Erased:
    """Delete our messages of this thread, the parent last, and the files and canvases they show.

    Can be repeated: what is gone already counts as done.

    Raises:
        OutsideCallFailed: the thread cannot be read.
    """
    erased = Erased()
    thread = await _thread(slack, parent.channel, parent.ts)
    await _erase(slack, await _us(slack), erased, parent.channel, thread)
    log.info("thread_erased", channel=parent.channel, messages=erased.messages, failed=len(erased.failed))
    return erased


async def erase_channel(slack: Slack, channel: str) -> Erased:
    """The same for all that we said in an incident's own channel, and its topic; then archive it.

    While something of ours is still there it is not archived, so that the next try may change it.

    Raises:
        OutsideCallFailed: the channel cannot be read.
    """
    erased = Erased()
    there = await _channel(slack, channel)
    if there is None:
        return erased
    us = await _us(slack)
    for said in await _messages(slack, "conversations.history", channel=channel):
        thread = await _thread(slack, channel, str(said["ts"])) if said.get("reply_count") else [said]
        await _erase(slack, us, erased, channel, thread)
    if there["topic"]["value"]:
        await _attempt(slack, erased, "topic", "conversations.setTopic", channel=channel, topic="")
    if not erased.failed:
        erased.archived = there["is_archived"] or await _attempt(
            slack, erased, "channel", "conversations.archive", channel=channel
        )
    log.info("channel_erased", channel=channel, messages=erased.messages, failed=len(erased.failed))
    return erased


async def _us(slack: Slack) -> str:
    return str((await slack.call("auth.test"))["user_id"])


async def _channel(slack: Slack, channel: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = (await slack.call("conversations.info", channel=channel))["channel"]
    except SlackRefused as refusal:
        if refusal.code != "channel_not_found":
            raise
        return None
    return found


async def _erase(
    slack: Slack, us: str, erased: Erased, channel: str, said: Sequence[Mapping[str, Any]]
) -> None:
    """Of one thread, newest first. What leads to something that is still there stays for the next try."""
    told = [each for each in said if each.get("subtype") not in _SLACKS_OWN]
    ours = [each for each in told if each.get("user") == us]
    erased.of_others += len(told) - len(ours)
    seen, before = set[str](), len(erased.failed)
    for message in sorted(ours, key=lambda each: float(each["ts"]), reverse=True):
        failed = before if message["ts"] == said[0]["ts"] else len(erased.failed)
        for file in set(_files(message)) - seen:
            erased.files += await _attempt(slack, erased, file, "files.delete", file=file)
            seen.add(file)
        for canvas in _canvases(message):
            erased.canvases += await _attempt(slack, erased, canvas, "canvases.delete", canvas_id=canvas)
        if len(erased.failed) == failed:
            ts = str(message["ts"])
            erased.messages += await _attempt(slack, erased, ts, "chat.delete", channel=channel, ts=ts)


async def _thread(slack: Slack, channel: str, ts: str) -> list[dict[str, Any]]:
    """All of it, the parent first; empty when it is not there any more."""
    return await _messages(slack, "conversations.replies", channel=channel, ts=ts)


async def _messages(slack: Slack, method: str, **arguments: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    arguments |= {"limit": _PAGE, "include_all_metadata": True}
    while True:
        try:
            answer = await slack.call(method, **arguments)
        except SlackRefused as refusal:
            if refusal.code not in _GONE:
                raise
            return found
        found += answer["messages"]
        arguments["cursor"] = answer.get("response_metadata", {}).get("next_cursor")
        if not arguments["cursor"]:
            return found


def _files(message: Mapping[str, Any]) -> Iterator[str]:
    """Ids of the files that it carries, and of those that its blocks show."""
    for file in message.get("files", []):
        yield str(file["id"])
    yield from _shown(message.get("blocks", []))


def _shown(part: object) -> Iterator[str]:
    if isinstance(part, list):
        for each in part:
            yield from _shown(each)
    elif isinstance(part, dict):
        shown = part.get("slack_file")
        if isinstance(shown, dict) and "id" in shown:
            yield str(shown["id"])
        for each in part.values():
            yield from _shown(each)


def _canvases(message: Mapping[str, Any]) -> list[str]:
    """Ids of those that it announces. Other messages may link to a canvas in words that are not ours."""
    payload = message.get("metadata", {}).get("event_payload", {})
    if not str(payload.get("key")).endswith(ANNOUNCES_CANVAS):
        return []
    return list(dict.fromkeys(_CANVAS.findall(json.dumps(message.get("blocks", [])))))


async def _attempt(slack: Slack, erased: Erased, what: str, method: str, **arguments: Any) -> bool:
    """False when it is still there, which is noted."""
    try:
        await slack.call(method, **arguments)
    except OutsideCallFailed as failure:
        if not (isinstance(failure, SlackRefused) and failure.code in _GONE):
            erased.failed.append(f"{what}: {failure}")
            return False
    return True
