"""conversations.*: which channels there are and what was said in them."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.slack.methods.call import Args, Call, Method
from sandbox.slack.refusal import Json, Refused
from sandbox.slack.shapes import channel_shape, message_shape
from sandbox.slack.state import Message


def list_channels(call: Call) -> Json:
    """conversations.list: public channels, and private ones the bot is in."""
    kinds = set(call.args.text("types", "public_channel").split(","))
    bot = call.workspace.bot_user.id
    found = [
        channel
        for channel in call.workspace.channels.values()
        if not channel.is_im
        and ("private_channel" if channel.is_private else "public_channel") in kinds
        and (not channel.is_private or bot in channel.members)
        and not (channel.is_archived and call.args.flag("exclude_archived"))
    ]
    page, cursor = call.page(found)
    return {"channels": [channel_shape(each, bot) for each in page], "response_metadata": cursor}


def info(call: Call) -> Json:
    """conversations.info."""
    return {"channel": channel_shape(call.channel(), call.workspace.bot_user.id)}


def join(call: Call) -> Json:
    """conversations.join: public channels only."""
    channel = call.channel()
    if channel.is_private or channel.is_im:
        raise Refused("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise Refused("is_archived")
    channel.members.add(call.workspace.bot_user.id)
    call.workspace.touch()
    return {"channel": channel_shape(channel, call.workspace.bot_user.id)}


def members(call: Call) -> Json:
    """conversations.members."""
    page, cursor = call.page(sorted(call.channel().members))
    return {"members": page, "response_metadata": cursor}


def history(call: Call) -> Json:
    """conversations.history: newest first; replies only where they were also sent to the channel."""
    channel = call.joined_channel()
    wanted = [
        message
        for message in call.workspace.visible(channel)
        if (not message.is_reply or message.broadcast) and _in_range(call, message)
    ]
    page, cursor = call.page(wanted[::-1])
    return {
        "messages": _shapes(call, page),
        "has_more": bool(cursor["next_cursor"]),
        "response_metadata": cursor,
    }


def replies(call: Call) -> Json:
    """conversations.replies: the parent, then its replies, oldest first."""
    channel = call.joined_channel()
    parent = channel.messages.get(call.args.needed("ts"))
    if parent is None or not parent.is_visible:
        raise Refused("thread_not_found")
    if parent.is_reply and parent.thread_ts is not None:
        parent = channel.messages[parent.thread_ts]
    answers = (channel.messages[ts] for ts in parent.replies if ts in channel.messages)
    wanted = [parent, *(each for each in answers if _in_range(call, each))]
    page, cursor = call.page(wanted)
    return {
        "messages": _shapes(call, page),
        "has_more": bool(cursor["next_cursor"]),
        "response_metadata": cursor,
    }


def _kinds(args: Args) -> tuple[str, ...]:
    """Listing private channels needs a scope of its own."""
    return ("groups:read",) if "private_channel" in args.text("types").split(",") else ()


def _in_range(call: Call, message: Message) -> bool:
    oldest = call.args.number("oldest", "invalid_ts_oldest")
    latest = call.args.number("latest", "invalid_ts_latest")
    when, inclusive = float(message.ts), call.args.flag("inclusive")
    after = oldest is None or when > oldest or (inclusive and when == oldest)
    before = latest is None or when < latest or (inclusive and when == latest)
    return after and before


def _shapes(call: Call, messages: Iterable[Message]) -> list[Json]:
    metadata = call.args.flag("include_all_metadata")
    return [message_shape(call.workspace, each, metadata=metadata) for each in messages]


METHODS = {
    "conversations.list": Method(list_channels, "channels:read", _kinds),
    "conversations.info": Method(info, "channels:read"),
    "conversations.join": Method(join, "channels:join"),
    "conversations.members": Method(members, "channels:read"),
    "conversations.history": Method(history, "channels:history"),
    "conversations.replies": Method(replies, "channels:history"),
}
