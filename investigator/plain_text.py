"""A Slack message as text for a terminal. Pure."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from typing import Any

from investigator.models.message import Message

WIDTH = 100
_APART = frozenset({"header", "section", "actions"})  # a paragraph of their own
_LINK = re.compile(r"(`?)<(https?://[^|<>\s]+)(?:\|([^<>]*))?>\1")
_MENTION = re.compile(r"<([@#])([A-Z0-9]+)(?:\|([^<>]*))?>")
_BOLD = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])")


def as_text(message: Message, *, width: int = WIDTH, addresses: bool = False) -> str:
    """What a person sees of the message, line by line.

    Args:
        width: columns at which prose is wrapped; code is not.
        addresses: whether links show where they lead.
    """
    shown = ""
    for block in message.blocks:
        gap = "" if not shown else "\n\n" if block["type"] in _APART else "\n"
        shown += gap + _block(block, width, addresses)
    return shown or _prose(message.text, width, addresses)


def _block(block: dict[str, Any], width: int, addresses: bool) -> str:
    match block["type"]:
        case "header":
            title = block["text"]["text"]
            return f"{title}\n{'═' * min(width, len(title))}"
        case "section":
            texts = [block["text"]] if "text" in block else []
            return "\n".join(_element(each, width, addresses) for each in (*texts, *block.get("fields", ())))
        case "context":
            said = "\n".join(_element(each, width - 2, addresses) for each in block["elements"])
            return textwrap.indent(said, "  ")
        case "rich_text":
            return textwrap.indent("".join(_strings(block)), "    ", lambda line: True)
        case "actions":
            return " ".join(_button(button, addresses) for button in block["elements"])
        case "plan":
            return "\n".join(f"  {task['title']}: {task['status']}" for task in block["tasks"])
        case "context_actions":
            sides = [e[f"{s}_button"] for e in block["elements"] for s in ("positive", "negative")]
            return " ".join(_button(side, addresses) for side in sides)
        case "divider":
            return "─" * width
        case "image":
            return f"(picture: {block['alt_text']})"
        case _:
            return "\n".join(_strings(block))


def _element(element: dict[str, Any], width: int, addresses: bool) -> str:
    if element["type"] == "plain_text":
        return _wrapped(element["text"], width)
    if element["type"] == "mrkdwn":
        return _prose(element["text"], width, addresses)
    return f"(picture: {element['alt_text']})"


def _prose(mrkdwn: str, width: int, addresses: bool) -> str:
    def shown(link: re.Match[str]) -> str:
        tick, address, label = link[1], link[2], link[3]
        words = f"{tick}{label or address}{tick}"
        return f"{words} ({address})" if label and addresses else words

    text = _MENTION.sub(lambda hit: hit[1] + (hit[3] or hit[2]), mrkdwn)
    text = _BOLD.sub(r"\1", _LINK.sub(shown, text))
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, character)
    return _wrapped(text, width)


def _wrapped(text: str, width: int) -> str:
    return "\n".join(
        textwrap.fill(
            line,
            max(20, width),
            subsequent_indent="  " if line.startswith("• ") else "",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in text.split("\n")
    )


def _button(button: dict[str, Any], addresses: bool) -> str:
    if "options" in button:
        return f"[ … {', '.join(option['text']['text'] for option in button['options'])} ]"
    label = f"[ {button['text']['text']} ]"
    return f"{label} ({button['url']})" if addresses and "url" in button else label


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
