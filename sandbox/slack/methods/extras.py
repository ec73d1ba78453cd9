"""Reactions, bookmarks and pins."""

from __future__ import annotations

from sandbox.slack.methods.call import Call, Method
from sandbox.slack.refusal import Json, Refused


def add_reaction(call: Call) -> Json:
    """reactions.add."""
    message = call.message(call.joined_channel(), "timestamp")
    users = message.reactions.setdefault(call.args.needed("name").strip(":"), [])
    if call.workspace.bot_user.id in users:
        raise Refused("already_reacted")
    users.append(call.workspace.bot_user.id)
    call.workspace.touch(message)
    return {}


def add_bookmark(call: Call) -> Json:
    """bookmarks.add: links under the channel's name."""
    channel = call.joined_channel("channel_id")
    bookmark: Json = {
        "id": call.workspace.next_id("Bk"),
        "channel_id": channel.id,
        "title": call.args.needed("title"),
        "type": call.args.text("type", "link"),
        "link": call.args.text("link"),
    }
    channel.bookmarks.append(bookmark)
    call.workspace.touch()
    return {"bookmark": bookmark}


def list_bookmarks(call: Call) -> Json:
    """bookmarks.list."""
    return {"bookmarks": call.joined_channel("channel_id").bookmarks}


def add_pin(call: Call) -> Json:
    """pins.add."""
    channel = call.joined_channel()
    message = call.message(channel, "timestamp")
    if message.ts in channel.pins:
        raise Refused("already_pinned")
    channel.pins.append(message.ts)
    call.workspace.touch(message)
    return {}


METHODS = {
    "reactions.add": Method(add_reaction, "reactions:write"),
    "bookmarks.add": Method(add_bookmark, "bookmarks:write"),
    "bookmarks.list": Method(list_bookmarks, "bookmarks:read"),
    "pins.add": Method(add_pin, "pins:write"),
}
