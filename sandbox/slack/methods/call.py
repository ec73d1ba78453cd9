"""One call of the Web API: its arguments, whatever way they were sent, and what it works on."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sandbox.slack.refusal import Json, Refused
from sandbox.slack.state import Channel, Message, Workspace
from sandbox.slack.tickets import Tickets

Item = TypeVar("Item")
PAGE = 100
MOST_PER_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Args:
    """Arguments from query, form or JSON body; forms carry structures as JSON text."""

    values: Mapping[str, object]

    def text(self, name: str, default: str = "") -> str:
        """A string argument; numbers are taken as written."""
        value = self.values.get(name)
        if value is None:
            return default
        return value if isinstance(value, str) else json.dumps(value)

    def needed(self, name: str) -> str:
        """A string argument without which Slack answers `invalid_arguments`."""
        value = self.text(name)
        if not value:
            raise Refused("invalid_arguments", [f"missing required field: {name}"])
        return value

    def number(self, name: str, error: str = "invalid_arguments") -> float | None:
        """A number, or None where it is not given; raises `Refused(error)` for anything else."""
        value = self.text(name)
        if not value:
            return None
        try:
            return float(value)
        except ValueError as problem:
            raise Refused(error) from problem

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A boolean argument; forms spell it `1` or `true`."""
        value = self.values.get(name)
        return default if value is None else str(value).lower() in {"1", "true"}

    def structure(self, name: str, error: str = "invalid_arguments") -> object:
        """A list or object, or None; raises `Refused(error)` for text that is not JSON."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            return json.loads(value)
        except json.JSONDecodeError as problem:
            raise Refused(error) from problem


@dataclass(frozen=True, slots=True)
class Call:
    """What a method gets; `origin` is the sandbox's own address as the caller knows it."""

    workspace: Workspace
    tickets: Tickets
    scopes: frozenset[str]
    origin: str
    args: Args

    def channel(self, name: str = "channel") -> Channel:
        """The channel whose id is in argument `name`; private ones exist only for their members."""
        wanted = self.args.needed(name)
        channel = self.workspace.channels.get(wanted)
        if channel is None or (channel.is_private and self.workspace.bot_user.id not in channel.members):
            raise Refused("channel_not_found")
        return channel

    def joined_channel(self, name: str = "channel") -> Channel:
        """The same, and the bot is in it."""
        channel = self.channel(name)
        if self.workspace.bot_user.id not in channel.members:
            raise Refused("not_in_channel")
        return channel

    def message(self, channel: Channel, name: str = "ts") -> Message:
        """The message whose time is in argument `name`."""
        message = channel.messages.get(self.args.needed(name))
        if message is None or not message.is_visible:
            raise Refused("message_not_found")
        return message

    def page(self, items: Sequence[Item]) -> tuple[list[Item], Json]:
        """One page of items and the response_metadata with the cursor to the next."""
        limit = int(self.args.number("limit", "invalid_limit") or PAGE)
        if not 1 <= limit <= MOST_PER_PAGE:
            raise Refused("invalid_limit")
        start = _decode_cursor(self.args.text("cursor"))
        end = start + limit
        following = base64.b64encode(f"next:{end}".encode()).decode() if end < len(items) else ""
        return list(items[start:end]), {"next_cursor": following}


@dataclass(frozen=True, slots=True)
class Method:
    """A handler and the scopes without which Slack answers `missing_scope`."""

    handler: Callable[[Call], Json]
    scope: str | None = None
    further: Callable[[Args], tuple[str, ...]] | None = None  # scopes that depend on what is asked

    def scopes(self, args: Args) -> tuple[str, ...]:
        """All that this call needs."""
        own = (self.scope,) if self.scope else ()
        return own + (self.further(args) if self.further else ())


def _decode_cursor(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
    except (binascii.Error, ValueError) as problem:
        raise Refused("invalid_cursor") from problem
