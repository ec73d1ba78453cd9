"""What a workspace is made of. In memory and bounded: the oldest messages of a channel are forgotten."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sandbox.slack.clock import MessageClock
from sandbox.slack.refusal import Json, Refused

MESSAGES_KEPT = 2000
FILES_KEPT = 100
VIEWS_KEPT = 200


@dataclass(slots=True)
class User:
    """A person or a bot."""

    id: str
    name: str
    real_name: str
    title: str = ""
    is_bot: bool = False

    @property
    def email(self) -> str:
        """The address everybody in this company has."""
        return f"{self.name}@acme.example"


@dataclass(frozen=True, slots=True)
class UserGroup:
    """A group that can be mentioned."""

    id: str
    handle: str
    name: str
    users: tuple[str, ...]


@dataclass(slots=True)
class Message:
    """One message; `ephemeral_to` is the user who alone sees it, `version` when it last changed."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    bot_id: str | None = None
    thread_ts: str | None = None
    broadcast: bool = False
    metadata: Json | None = None
    files: list[str] = field(default_factory=list)
    unfurls: dict[str, Json] = field(default_factory=dict)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    replies: list[str] = field(default_factory=list)
    edited_ts: str | None = None
    ephemeral_to: str | None = None
    deleted: bool = False
    version: int = 0

    @property
    def is_visible(self) -> bool:
        """Whether the Web API knows it: neither deleted nor ephemeral."""
        return not self.deleted and self.ephemeral_to is None

    @property
    def shown_blocks(self) -> list[Json]:
        """Its own blocks and those below its links: all that one can click."""
        below = (block for shown in self.unfurls.values() for block in _list(shown.get("blocks")))
        return [*self.blocks, *below]

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread below another message."""
        return self.thread_ts not in (None, self.ts)


def _list(value: object) -> list[Json]:
    return value if isinstance(value, list) else []


@dataclass(slots=True)
class Channel:
    """A channel and its messages in the order of their `ts`."""

    id: str
    name: str
    is_private: bool = False
    is_im: bool = False
    is_archived: bool = False
    topic: str = ""
    creator: str = ""
    created: int = 0
    members: set[str] = field(default_factory=set)
    messages: dict[str, Message] = field(default_factory=dict)
    bookmarks: list[Json] = field(default_factory=list)
    pins: list[str] = field(default_factory=list)


@dataclass(slots=True)
class StoredFile:
    """An upload; shared once `files.completeUploadExternal` named it."""

    id: str
    name: str
    length: int
    alt_text: str
    content: bytes = b""
    title: str = ""
    readers: frozenset[str] | None = None  # of a canvas: channels whose members may open it; None: a file


@dataclass(slots=True)
class OpenView:
    """A modal or home tab as one user sees it; `view` is in the shape of the API."""

    id: str
    user: str
    view: Json

    @property
    def blocks(self) -> list[Json]:
        """What it shows."""
        return _list(self.view.get("blocks"))


class Workspace:
    """All state of one Slack, and a version that grows with every change."""

    team_id = "T0ACME"
    app_id = "A0PILOT"
    bot_id = "B0PILOT"
    has_canvases = True  # not every plan has
    bots_make_channels = True  # a preference of the workspace

    def __init__(
        self,
        clock: MessageClock,
        *,
        bot_user: User,
        users: Iterable[User],
        channels: Iterable[Channel],
        usergroups: Iterable[UserGroup],
    ) -> None:
        self.clock = clock
        self.bot_user = bot_user
        self.users = {user.id: user for user in (*users, bot_user)}
        self.channels = {channel.id: channel for channel in channels}
        self.usergroups = {group.id: group for group in usergroups}
        self.files: dict[str, StoredFile] = {}
        self.views: dict[str, OpenView] = {}
        self.homes: dict[str, OpenView] = {}
        self.messages_kept = MESSAGES_KEPT  # in each channel; may be changed
        self.epoch = secrets.token_hex(4)
        self.version = 0
        self._changed = asyncio.Event()
        self._ids = itertools.count(1)

    def next_id(self, prefix: str) -> str:
        """An identifier in Slack's looks."""
        return f"{prefix}{next(self._ids):08X}"

    def touch(self, message: Message | None = None) -> None:
        """Something changed: tell whoever waits."""
        self.version += 1
        if message is not None:
            message.version = self.version
        self._changed.set()
        self._changed = asyncio.Event()

    async def changed_since(self, version: int) -> int:
        """The version, as soon as it is another than this."""
        while self.version == version:
            await self._changed.wait()
        return self.version

    def find_channel(self, name_or_id: str) -> Channel | None:
        """By id, `#name` or name."""
        wanted = name_or_id.removeprefix("#")
        found = self.channels.get(wanted)
        return found or next((each for each in self.channels.values() if each.name == wanted), None)

    def channel(self, name_or_id: str) -> Channel:
        """Like `find_channel`, but raises `Refused` for what is not there."""
        channel = self.find_channel(name_or_id)
        if channel is None:
            raise Refused("channel_not_found")
        return channel

    def user(self, name_or_id: str) -> User:
        """By id or name; raises `Refused`."""
        wanted = name_or_id.removeprefix("@")
        found = self.users.get(wanted) or next((u for u in self.users.values() if u.name == wanted), None)
        if found is None:
            raise Refused("user_not_found")
        return found

    def direct_channel(self, user: User) -> Channel:
        """The conversation of one person with the bot."""
        return self.channels.setdefault(
            f"D{user.id[1:]}",
            Channel(f"D{user.id[1:]}", user.name, is_im=True, members={user.id, self.bot_user.id}),
        )

    def add(self, channel: Channel, message: Message) -> Message:
        """Keep a message; `thread_ts` must name a parent in the channel, else `Refused`."""
        if message.thread_ts is not None:
            parent = channel.messages.get(message.thread_ts)
            if parent is None or parent.deleted or parent.ephemeral_to is not None:
                raise Refused("message_not_found")
            if parent.is_reply:
                raise Refused("cannot_reply_to_message")
            if message.ephemeral_to is None:
                parent.replies.append(message.ts)
                self.touch(parent)
        channel.messages[message.ts] = message
        while len(channel.messages) > self.messages_kept:
            del channel.messages[next(iter(channel.messages))]
        self.touch(message)
        return message

    def delete(self, channel: Channel, message: Message) -> None:
        """Leave a tombstone, so that the page learns of it."""
        message.deleted = True
        message.blocks, message.text, message.files = [], "", []
        parent = channel.messages.get(message.thread_ts or "")
        if parent is not None and message.ts in parent.replies:
            parent.replies.remove(message.ts)
            self.touch(parent)
        self.touch(message)

    def visible(self, channel: Channel) -> Iterator[Message]:
        """The messages that the Web API knows, oldest first."""
        return (message for message in channel.messages.values() if message.is_visible)

    def keep_file(self, file: StoredFile) -> None:
        """Keep an upload and forget the oldest ones."""
        self.files[file.id] = file
        while len(self.files) > FILES_KEPT:
            del self.files[next(iter(self.files))]

    def keep_view(self, opened: OpenView) -> None:
        """Show a modal to its user, over those already open."""
        self.views[opened.id] = opened
        while len(self.views) > VIEWS_KEPT:
            del self.views[next(iter(self.views))]
        self.touch()

    def top_view(self, user: str) -> OpenView | None:
        """The modal that a user sees now."""
        return next((each for each in reversed(self.views.values()) if each.user == user), None)
