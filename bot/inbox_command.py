"""`pilot inbox`: what waits for triage, what it set aside, and back with that when the cause is mended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from redis.asyncio import Redis
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.incidents_command import store_address
from investigator import store
from investigator.dead_letters import DeadLetter, DeadLetters
from investigator.inbox_reader import InboxReader
from investigator.settings import Settings


@dataclass(frozen=True, slots=True)
class Inbox:
    """`oldest_seconds` is the age of the oldest delivery that waits; `dead` are the newest, if asked for."""

    depth: int
    oldest_seconds: float
    dead_count: int
    dead: Sequence[DeadLetter]
    put_back: Sequence[str]


async def inspected(
    settings: Settings, *, dead: bool, put_back: bool, entries: Sequence[str], as_json: bool
) -> str:
    """The state of the inbox in words, or as JSON, after putting back what is to be put back.

    Raises:
        ConfigurationError: no store is named, and none runs here.
        StoreUnavailable: the store does not answer.
    """
    async with store.connect(store_address(settings)) as connection:
        returned = await DeadLetters(connection).put_back(set(entries)) if put_back else []
        inbox = await _look(connection, returned, dead=dead)
    return _json(inbox, dead=dead, put_back=put_back) if as_json else _words(inbox, entries)


async def _look(connection: Redis, returned: Sequence[str], *, dead: bool) -> Inbox:
    letters, reader = DeadLetters(connection), InboxReader(connection, "inspection")
    return Inbox(
        depth=await reader.depth(),
        oldest_seconds=await reader.oldest_age(datetime.now(UTC)),
        dead_count=await letters.count(),
        dead=await letters.newest() if dead else (),
        put_back=returned,
    )


def _json(inbox: Inbox, *, dead: bool, put_back: bool) -> str:
    document: dict[str, object] = {
        "depth": inbox.depth,
        "oldest_seconds": round(inbox.oldest_seconds, 3),
        "dead_count": inbox.dead_count,
    }
    if dead:
        document["dead"] = [letter.model_dump(mode="json") for letter in inbox.dead]
    if put_back:
        document["put_back"] = list(inbox.put_back)
    return json.dumps(document, indent=2)


def _words(inbox: Inbox, entries: Sequence[str]) -> str:
    lines = []
    if inbox.put_back:
        lines.append(f"put back: {', '.join(inbox.put_back)}")
    if unknown := [entry for entry in entries if entry not in inbox.put_back]:
        lines.append(f"not set aside, so left alone: {', '.join(unknown)}")
    lines.append(f"waiting for triage: {inbox.depth}; the oldest for {inbox.oldest_seconds:.0f} s")
    lines.append(f"set aside: {inbox.dead_count}")
    if inbox.dead:
        lines.append(_table(inbox.dead))
    return "\n".join(lines)


def _table(dead: Sequence[DeadLetter]) -> str:
    table = Table("entry", "received (UTC)", "bytes", "reason")
    for letter in dead:
        received = f"{letter.received_at:%Y-%m-%d %H:%M:%S}" if letter.received_at else "unknown"
        table.add_row(letter.entry, received, str(letter.bytes), escape(letter.reason))
    console = Console()
    with console.capture() as capture:
        console.print(table)
    return capture.get().rstrip()
