"""Taking what we posted about an incident out of Slack. What people wrote stays theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

from investigator.errors import OutsideCallFailed
from investigator.models.incident import ParentMessage
from investigator.slack import Slack, SlackRefused

log = structlog.get_logger()

_PAGE = 200
_GONE = {"message_not_found", "thread_not_found", "file_not_found", "file_deleted"}


@dataclass(slots=True)
class Erased:
    """`failed` says of each message or file that is still there why."""

    messages: int = 0
    files: int = 0
    of_others: int = 0
    failed: list[str] = field(default_factory=list)


async def erase_thread(slack: Slack, parent: ParentMessage) -> Erased:
    """Delete our messages of this thread, the parent last, and the files they show.

    Can be repeated: what is gone already counts as done.

    Raises:
        OutsideCallFailed: the thread cannot be read.
    """
    erased = Erased()
    thread = await _thread(slack, parent)
    us = await slack.call("auth.test")
    ours = [each for each in thread if each.get("user") == us["user_id"]]
    erased.of_others = len(thread) - len(ours)
    for file in dict.fromkeys(file for message in ours for file in _files(message)):
        erased.files += await _delete(slack, erased, "files.delete", {"file": file})
    for message in sorted(ours, key=lambda each: float(each["ts"]), reverse=True):
        where = {"channel": parent.channel, "ts": str(message["ts"])}
        erased.messages += await _delete(slack, erased, "chat.delete", where)
    log.info("thread_erased", channel=parent.channel, messages=erased.messages, failed=len(erased.failed))
    return erased


async def _thread(slack: Slack, parent: ParentMessage) -> list[dict[str, Any]]:
    """All of it, the parent first; empty when it is not there any more."""
    found: list[dict[str, Any]] = []
    arguments: dict[str, Any] = {"channel": parent.channel, "ts": parent.ts, "limit": _PAGE}
    while True:
        try:
            answer = await slack.call("conversations.replies", **arguments)
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


async def _delete(slack: Slack, erased: Erased, method: str, which: Mapping[str, Any]) -> int:
    """1 when it is gone, 0 when it is still there, which is noted."""
    try:
        await slack.call(method, **which)
    except OutsideCallFailed as failure:
        if not (isinstance(failure, SlackRefused) and failure.code in _GONE):
            erased.failed.append(f"{which.get('ts') or which['file']}: {failure}")
            return 0
    return 1
