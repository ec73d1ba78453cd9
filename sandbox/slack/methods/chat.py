"""chat.*: say, change, take back."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.slack import limits
from sandbox.slack.actions import with_ids
from sandbox.slack.methods.call import Call, Method
from sandbox.slack.refusal import Json, Refused
from sandbox.slack.shapes import message_shape
from sandbox.slack.state import Channel, Message


def post_message(call: Call) -> Json:
    """chat.postMessage."""
    workspace, channel = call.workspace, _target(call)
    _may_post(call, channel)
    text, blocks = _content(call)
    metadata = _metadata(call)
    message = workspace.add(
        channel,
        Message(
            ts=workspace.clock.next_ts(),
            channel=channel.id,
            user=workspace.bot_user.id,
            bot_id=workspace.bot_id,
            text=text,
            blocks=blocks,
            thread_ts=call.args.text("thread_ts") or None,
            broadcast=call.args.flag("reply_broadcast"),
            metadata=metadata,
        ),
    )
    shape = message_shape(workspace, message, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shape}


def post_ephemeral(call: Call) -> Json:
    """chat.postEphemeral: to one member of the channel."""
    workspace, channel = call.workspace, _target(call)
    _may_post(call, channel)
    user = call.args.needed("user")
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    text, blocks = _content(call)
    message = workspace.add(
        channel,
        Message(
            ts=workspace.clock.next_ts(),
            channel=channel.id,
            user=workspace.bot_user.id,
            bot_id=workspace.bot_id,
            text=text,
            blocks=blocks,
            thread_ts=call.args.text("thread_ts") or None,
            ephemeral_to=user,
        ),
    )
    return {"message_ts": message.ts}


def update(call: Call) -> Json:
    """chat.update: only the bot's own messages. Blocks and metadata that are not sent stay; `[]` removes."""
    workspace, channel = call.workspace, call.channel()
    message = call.message(channel)
    if message.user != workspace.bot_user.id:
        raise Refused("cant_update_message")
    if channel.is_archived:
        raise Refused("is_archived")
    if call.args.structure("blocks", "invalid_blocks_format") is None and message.blocks:
        limits.judge_message(call.args.text("text"), message.blocks)
        message.text = call.args.text("text")
    else:
        message.text, message.blocks = _content(call)
    if call.args.structure("metadata") is not None:
        message.metadata = _metadata(call)
    message.edited_ts = workspace.clock.next_ts()
    workspace.touch(message)
    shape = message_shape(workspace, message, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shape}


def delete(call: Call) -> Json:
    """chat.delete: only the bot's own messages."""
    channel = call.channel()
    message = call.message(channel)
    if message.user != call.workspace.bot_user.id:
        raise Refused("cant_delete_message")
    call.workspace.delete(channel, message)
    return {"channel": channel.id, "ts": message.ts}


def unfurl(call: Call) -> Json:
    """chat.unfurl: what is shown below links that someone wrote."""
    message = call.message(call.channel())
    unfurls = call.args.structure("unfurls")
    if not isinstance(unfurls, dict) or not unfurls:
        raise Refused("cannot_parse_attachment")
    for address, shown in unfurls.items():
        if address not in message.text or not isinstance(shown, dict):
            raise Refused("cannot_unfurl_url")
        limits.judge_message("", shown.get("blocks"))
    message.unfurls = {address: _with_ids(call, shown) for address, shown in unfurls.items()}
    call.workspace.touch(message)
    return {}


def get_permalink(call: Call) -> Json:
    """chat.getPermalink."""
    channel = call.channel()
    message = call.message(channel, "message_ts")
    address = f"{call.origin}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        address += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": address}


def _with_ids(call: Call, shown: Json) -> Json:
    blocks = shown.get("blocks")
    return shown | ({"blocks": with_ids(call.workspace, blocks)} if isinstance(blocks, list) else {})


def _target(call: Call) -> Channel:
    """A channel by id or name, or a person, whose direct conversation is meant."""
    wanted = call.args.needed("channel")
    workspace = call.workspace
    if wanted in workspace.users:
        return workspace.direct_channel(workspace.users[wanted])
    channel = workspace.channel(wanted)
    if channel.is_private and workspace.bot_user.id not in channel.members:
        raise Refused("channel_not_found")
    return channel


def _may_post(call: Call, channel: Channel) -> None:
    if channel.is_archived:
        raise Refused("is_archived")
    if call.workspace.bot_user.id not in channel.members and "chat:write.public" not in call.scopes:
        raise Refused("not_in_channel")


def _content(call: Call) -> tuple[str, list[Json]]:
    text = call.args.text("text")
    blocks = call.args.structure("blocks", "invalid_blocks_format")
    limits.judge_message(text, blocks)
    missing = [each for each in _shown_files(blocks) if each not in call.workspace.files]
    if missing:
        raise Refused("invalid_blocks", [f"invalid slack file: {each}" for each in missing])
    return text, with_ids(call.workspace, blocks) if isinstance(blocks, list) else []


def _shown_files(value: object) -> Iterator[str]:
    """Ids of the uploads that blocks show."""
    if isinstance(value, list):
        for each in value:
            yield from _shown_files(each)
    elif isinstance(value, dict):
        file = value.get("slack_file")
        if isinstance(file, dict) and isinstance(file.get("id"), str):
            yield file["id"]
        for each in value.values():
            yield from _shown_files(each)


def _metadata(call: Call) -> Json | None:
    metadata = call.args.structure("metadata", "invalid_metadata_format")
    if metadata == {}:
        return None
    limits.judge_metadata(metadata)
    return metadata if isinstance(metadata, dict) else None


METHODS = {
    "chat.postMessage": Method(post_message, "chat:write"),
    "chat.postEphemeral": Method(post_ephemeral, "chat:write"),
    "chat.update": Method(update, "chat:write"),
    "chat.delete": Method(delete, "chat:write"),
    "chat.unfurl": Method(unfurl, "links:write"),
    "chat.getPermalink": Method(get_permalink),
}
