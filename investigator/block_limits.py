"""Make a message fit Slack's limits: over one of them, Slack refuses the whole message. Pure; never refuses.

The limit on all blocks together is not documented. Refusals were reported from about 13,200 characters on,
with a divider counting for 125 of them (slackapi/bolt-js#2509, #2867), hence `TOTAL` and the overheads. Texts
are counted as JSON writes them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from investigator.clipping import clip_lines, clip_paragraphs, length
from investigator.models.message import Message
from investigator.wording import count

Block = dict[str, Any]

BLOCKS = 50
SECTION_TEXT = 3_000
FIELDS = 10
FIELD_TEXT = 2_000
HEADER_TEXT = 150
CONTEXT_ELEMENTS = 10
ACTIONS = 25
BUTTON_TEXT = 75
BUTTON_VALUE = 2_000
ACTION_ID = 255
CODE_TEXT = 2_500  # ours: Slack names none for rich text
NOTIFICATION_TEXT = 3_000
TOTAL = 12_000
BLOCK_OVERHEAD = 125
OBJECT_OVERHEAD = 40
OPTIONS = {"overflow": 5, "static_select": 100}
OPTION_TEXT = 75
_TO_CLICK = frozenset({"actions", "context_actions"})
_WORTH_CLIPPING = 200  # a shorter rest of a block says too little


def fit(message: Message, pointer: str) -> Message:
    """The message within every limit.

    Args:
        pointer: plain text that tells where the rest is, as in "… 12 more lines `pointer`".
    """
    blocks = [fitted for block in message.blocks if (fitted := _fit_block(block, pointer))]
    if len(blocks) > BLOCKS or sum(map(weight, blocks)) > TOTAL:
        blocks = _fit_together(blocks, pointer)
    return Message(
        text=clip_lines(message.text.strip(), NOTIFICATION_TEXT).text or "…",
        blocks=tuple(_with_unique_ids(blocks)),
    )


def weight(block: Block) -> int:
    """What a block counts towards `TOTAL`: its strings, and an overhead for it and every object inside."""
    return BLOCK_OVERHEAD + _weight(block) - OBJECT_OVERHEAD


def _weight(value: object) -> int:
    if isinstance(value, str):
        return length(json.dumps(value, ensure_ascii=False))
    if isinstance(value, dict):
        return OBJECT_OVERHEAD + sum(_weight(each) for key, each in value.items() if key != "type")
    if isinstance(value, list):
        return sum(map(_weight, value))
    return 0


def _fit_block(block: Block, pointer: str) -> Block | None:
    """The block within its own limits; None when it has nothing to say, which Slack refuses as well."""
    match block["type"]:
        case "section":
            return _section(block, pointer)
        case "header":
            text = clip_lines(block["text"]["text"].strip(), HEADER_TEXT).text
            return block | {"text": block["text"] | {"text": text}} if text else None
        case "context":
            elements = _said([_text(element, SECTION_TEXT, pointer) for element in block["elements"]])
            return block | {"elements": elements[:CONTEXT_ELEMENTS]} if elements else None
        case "actions":
            buttons = [_button(element) for element in block["elements"]]
            return block | {"elements": buttons[:ACTIONS]} if buttons else None
        case "rich_text" if _is_code(block):
            return _code(block, CODE_TEXT, pointer)
        case _:
            return block


def _section(block: Block, pointer: str) -> Block | None:
    texts = _said([_text(block["text"], SECTION_TEXT, pointer)] if "text" in block else [])
    fields = _said([_text(field, FIELD_TEXT, pointer) for field in block.get("fields", ())])[:FIELDS]
    rest = {key: value for key, value in block.items() if key not in {"text", "fields"}}
    if not texts and not fields:
        return None
    return rest | ({"text": texts[0]} if texts else {}) | ({"fields": fields} if fields else {})


def _said(elements: Sequence[Block]) -> list[Block]:
    return [element for element in elements if element.get("text") != ""]


def _text(element: Block, limit: int, pointer: str) -> Block:
    if "text" not in element:  # an image among context elements
        return element
    text = element["text"].strip()
    if length(text) <= limit:
        return element | {"text": text}
    clipped = clip_paragraphs(text, limit - length(pointer) - 40)
    return element | {"text": f"{clipped.text}\n{_more(clipped.lines, pointer)}"}


def _is_code(block: Block) -> bool:
    """What the macro `code_block` makes: a rich text of one preformatted text."""
    elements = block["elements"]
    return [element["type"] for element in elements] == ["rich_text_preformatted"] and (
        [part["type"] for part in elements[0]["elements"]] == ["text"]
    )


def _code(block: Block, limit: int, pointer: str) -> Block | None:
    element = block["elements"][0]
    code = element["elements"][0]
    clipped = clip_lines(code["text"].strip("\n"), limit)
    if not clipped.text.strip():
        return None
    text = clipped.text + (f"\n{_more(clipped.lines, pointer)}" if clipped.lines else "")
    return block | {"elements": [element | {"elements": [code | {"text": text}]}]}


def _button(element: Block) -> Block:
    if most := OPTIONS.get(element["type"]):
        return element | {"options": [_option(option) for option in element["options"]][:most]}
    fitted = element | {
        "text": element["text"] | {"text": clip_lines(element["text"]["text"], BUTTON_TEXT).text},
        "action_id": element["action_id"][:ACTION_ID],
    }
    return fitted | {"value": element["value"][:BUTTON_VALUE]} if "value" in element else fitted


def _option(option: Block) -> Block:
    return option | {"text": option["text"] | {"text": clip_lines(option["text"]["text"], OPTION_TEXT).text}}


def _with_unique_ids(blocks: Sequence[Block]) -> list[Block]:
    taken: set[str] = set()
    return [
        block | {"elements": [_renamed(element, taken) for element in block["elements"]]}
        if block["type"] == "actions"
        else block
        for block in blocks
    ]


def _renamed(element: Block, taken: set[str]) -> Block:
    name, number = element["action_id"], 1
    while name in taken:
        number += 1
        name = f"{element['action_id'][: ACTION_ID - 6]}_{number}"
    taken.add(name)
    return element | {"action_id": name}


def _fit_together(blocks: Sequence[Block], pointer: str) -> list[Block]:
    """Blocks from the top while there is room, then how much is missing. Buttons are never left out."""
    buttons = [block for block in blocks if block["type"] in _TO_CLICK]
    content = [block for block in blocks if block["type"] not in _TO_CLICK]
    room = TOTAL - sum(map(weight, buttons)) - weight(_notice(len(content), pointer)) - 10
    places = BLOCKS - len(buttons) - 1
    kept: list[Block] = []
    while content and weight(content[0]) <= room and len(kept) < places:
        room -= weight(content[0])
        kept.append(content.pop(0))
    missing = sum(map(_lines, content))
    if content and len(kept) < places and (part := _part(content[0], room, pointer)):
        missing -= _lines(content[0])
        kept.append(part)
    return [*kept, *([_notice(missing, pointer)] if missing else []), *buttons]


def _part(block: Block, room: int, pointer: str) -> Block | None:
    """The beginning of a block, with its own notice; None when too little of it would fit."""
    limit = room
    while limit >= _WORTH_CLIPPING:
        part = _clipped(block, limit, pointer)
        if part is None or weight(part) <= room:
            return part
        limit = limit * 3 // 4
    return None


def _clipped(block: Block, limit: int, pointer: str) -> Block | None:
    if block["type"] == "rich_text" and _is_code(block):
        return _code(block, limit, pointer)
    if block["type"] == "section" and "fields" not in block:
        return block | {"text": _text(block["text"], limit, pointer)}
    return None


def _more(lines: int, pointer: str) -> str:
    return f"… {count(lines, 'more line')} {pointer}"


def _notice(lines: int, pointer: str) -> Block:
    return {"type": "context", "elements": [{"type": "plain_text", "text": _more(lines, pointer)}]}


def _lines(block: Block) -> int:
    return sum(text.count("\n") + 1 for text in _texts(block))


def _texts(value: object) -> list[str]:
    """Every text that a person sees in a block."""
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [text for each in value.values() for text in _texts(each)]
    return [text for each in value for text in _texts(each)] if isinstance(value, list) else []
