"""A message in the oldest blocks only, to send again when a workspace refuses newer ones. Pure."""

from __future__ import annotations

from typing import Any

from investigator.block_limits import SECTION_TEXT, fit
from investigator.clipping import clip_lines
from investigator.models.message import Message
from investigator.slack_text import fence

NEWEST = frozenset({"plan", "context_actions"})
_CLASSIC = frozenset({"section", "header", "context", "actions", "divider", "image"})


def to_classic(message: Message, pointer: str) -> Message:
    """The same words with code in fenced sections; blocks that have no classic form are left out.

    Args:
        pointer: see `block_limits.fit`, which is applied again, since escaped code is longer.
    """
    blocks = (block if block["type"] in _CLASSIC else _classic(block) for block in message.blocks)
    return fit(Message(text=message.text, blocks=tuple(block for block in blocks if block)), pointer)


def _classic(block: dict[str, Any]) -> dict[str, Any] | None:
    match block["type"]:
        case "rich_text":
            return _code(block)
        case "plan":
            return _steps(block)
        case "context_actions":
            return {"type": "actions", "elements": [b for e in block["elements"] for b in _thumbs(e)]}
        case _:
            return None


def without_newest(message: Message) -> Message:
    """The message without the kinds of blocks that some workspaces do not take yet."""
    blocks = (_classic(block) if block["type"] in NEWEST else block for block in message.blocks)
    return message.model_copy(update={"blocks": tuple(block for block in blocks if block)})


def has_newest(message: Message) -> bool:
    return any(block["type"] in NEWEST for block in message.blocks)


def _steps(block: dict[str, Any]) -> dict[str, Any]:
    steps = " · ".join(f"{task['title']}: {task['status'].replace('_', ' ')}" for task in block["tasks"])
    return {"type": "context", "elements": [{"type": "plain_text", "text": steps, "emoji": False}]}


def _thumbs(element: dict[str, Any]) -> list[dict[str, Any]]:
    """The two sides of feedback buttons as buttons of their own."""
    return [
        {"type": "button", "action_id": f"{element['action_id']}_{side}", **element[f"{side}_button"]}
        for side in ("positive", "negative")
    ]


def _code(block: dict[str, Any]) -> dict[str, Any]:
    code = "".join(part["text"] for element in block["elements"] for part in element["elements"])
    text = clip_lines(fence(code), SECTION_TEXT).text
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
