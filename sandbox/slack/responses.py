"""Answers to interactions: through `response_url`, or in the body that acknowledged a slash command."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.slack import limits
from sandbox.slack.actions import with_ids
from sandbox.slack.methods.call import Args
from sandbox.slack.refusal import Refused
from sandbox.slack.state import Channel, Message, Workspace
from sandbox.slack.tickets import ResponseTicket


def answer(workspace: Workspace, ticket: ResponseTicket, body: Mapping[str, object]) -> None:
    """Show, replace or delete what the body says; raises `Refused` for what Slack would not show."""
    args = Args(body)
    channel = workspace.channel(ticket.channel)
    original = channel.messages.get(ticket.original or "")
    if args.flag("delete_original"):
        if original is None:
            raise Refused("message_not_found")
        workspace.delete(channel, original)
        return
    text, blocks = args.text("text"), args.structure("blocks", "invalid_blocks_format")
    limits.judge_message(text, blocks, whole_size=False)
    kept = with_ids(workspace, blocks) if isinstance(blocks, list) else []
    if args.flag("replace_original"):
        _replace(workspace, original, text, kept)
        return
    ephemeral = args.text("response_type", "ephemeral") != "in_channel"
    message = _by_bot(workspace, channel, text)
    message.blocks = kept
    message.thread_ts = args.text("thread_ts") or ticket.thread_ts
    message.ephemeral_to = ticket.user if ephemeral else None
    workspace.add(channel, message)


def _replace(
    workspace: Workspace, original: Message | None, text: str, blocks: list[dict[str, object]]
) -> None:
    if original is None or original.deleted:
        raise Refused("message_not_found")
    original.text, original.blocks = text, blocks
    original.edited_ts = workspace.clock.next_ts() if original.ephemeral_to is None else None
    workspace.touch(original)


def _by_bot(workspace: Workspace, channel: Channel, text: str) -> Message:
    return Message(
        ts=workspace.clock.next_ts(),
        channel=channel.id,
        user=workspace.bot_user.id,
        bot_id=workspace.bot_id,
        text=text,
    )
