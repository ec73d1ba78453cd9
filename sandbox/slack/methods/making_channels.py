"""conversations.*: make a channel, name its topic, bring people in, archive it."""

from __future__ import annotations

import re

from sandbox.slack.methods.call import Args, Call, Method
from sandbox.slack.refusal import Json, Refused
from sandbox.slack.shapes import channel_shape
from sandbox.slack.state import Channel, Workspace

LONGEST_NAME = 80
LONGEST_TOPIC = 250
MOST_INVITED = 100
_ALLOWED = re.compile(r"[a-z0-9_-]+")


def create(call: Call) -> Json:
    """conversations.create: an archived channel keeps its name."""
    workspace, name = call.workspace, call.args.text("name")
    _judge_name(name)
    if not workspace.bots_make_channels:
        raise Refused("restricted_action")
    if workspace.find_channel(name) is not None:
        raise Refused("name_taken")
    private, bot = call.args.flag("is_private"), workspace.bot_user.id
    channel = Channel(
        workspace.next_id("C"),
        name,
        is_private=private,
        creator=bot,
        created=int(workspace.clock.now()),
        members={bot},
    )
    workspace.channels[channel.id] = channel
    workspace.touch()
    return {"channel": channel_shape(channel, bot)}


def set_topic(call: Call) -> Json:
    """conversations.setTopic."""
    channel, topic = _open(call), call.args.text("topic")
    if len(topic) > LONGEST_TOPIC:
        raise Refused("too_long")
    channel.topic = topic
    call.workspace.touch()
    return {"channel": channel_shape(channel, call.workspace.bot_user.id)}


def invite(call: Call) -> Json:
    """conversations.invite: all of them or none, unless `force` lets the valid ones in."""
    channel, users = _open(call), [each for each in call.args.needed("users").split(",") if each]
    if len(users) > MOST_INVITED:
        raise Refused("too_many_users")
    problems = {user: why for user in users if (why := _why_not(call.workspace, channel, user))}
    welcome = [user for user in users if user not in problems]
    if problems and not (call.args.flag("force") and welcome):
        errors = [{"user": user, "ok": False, "error": why} for user, why in problems.items()]
        raise Refused(next(iter(problems.values())), details={"errors": errors})
    channel.members.update(welcome)
    call.workspace.touch()
    return {"channel": channel_shape(channel, call.workspace.bot_user.id)}


def archive(call: Call) -> Json:
    """conversations.archive."""
    channel = call.joined_channel()
    if channel.is_archived:
        raise Refused("already_archived")
    channel.is_archived = True
    call.workspace.touch()
    return {}


def _open(call: Call) -> Channel:
    channel = call.joined_channel()
    if channel.is_archived:
        raise Refused("is_archived")
    return channel


def _judge_name(name: str) -> None:
    if not name:
        raise Refused("invalid_name_required")
    if len(name) > LONGEST_NAME:
        raise Refused("invalid_name_maxlength")
    if not _ALLOWED.fullmatch(name):
        raise Refused("invalid_name_specials")
    if not name.strip("_-"):
        raise Refused("invalid_name_punctuation")


def _why_not(workspace: Workspace, channel: Channel, user: str) -> str | None:
    if user == workspace.bot_user.id:
        return "cant_invite_self"
    if user not in workspace.users:
        return "user_not_found"
    return "already_in_channel" if user in channel.members else None


def _kind(args: Args) -> tuple[str, ...]:
    return ("groups:write",) if args.flag("is_private") else ("channels:manage",)


METHODS = {
    "conversations.create": Method(create, further=_kind),
    "conversations.setTopic": Method(set_topic, "channels:manage"),
    "conversations.invite": Method(invite, "channels:manage"),
    "conversations.archive": Method(archive, "channels:manage"),
}
