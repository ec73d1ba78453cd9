"""The judge: refuses the messages and views that Slack would refuse. Pure.

The rules for each block are in `block_kit`; here are those that span a whole message or view.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from sandbox.slack import block_kit
from sandbox.slack.elements import plain
from sandbox.slack.refusal import Json, Refused
from sandbox.slack.rich_text import KIND
from sandbox.slack.schema import Fields, array, boolean, complaint, record, string, tagged

MESSAGE_TEXT = 40_000
MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MARKDOWN_TOTAL = 12_000
TABLE_TOTAL = 10_000
METADATA_BYTES = 16_000
# Not documented; people measured 13,200 to 13,300 characters of blocks (slackapi/bolt-js#2509, #2867).
BLOCKS_TOTAL = 13_200

_VIEW = {
    "callback_id": string(255),
    "private_metadata": string(3000, shortest=0),
    "external_id": string(255, shortest=0),
}
_MODAL = record(
    {"type": KIND, "title": plain(24), "blocks": array(tagged(block_kit.MODAL), VIEW_BLOCKS, least=0)},
    {
        **_VIEW,
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
)
_HOME = record(
    {"type": KIND, "blocks": array(tagged(block_kit.HOME), VIEW_BLOCKS, least=0)},
    {**_VIEW, "title": plain(24)},
)


def judge_message(text: str, blocks: object, *, whole_size: bool = True) -> None:
    """Raise `Refused` if `chat.postMessage` would; `whole_size` off for the laxer `response_url`."""
    if blocks is not None and not isinstance(blocks, list):
        raise Refused("invalid_blocks_format")
    if not text and not blocks:
        raise Refused("no_text")
    if len(text) > MESSAGE_TEXT:
        raise Refused("msg_too_long")
    if not blocks:
        return
    _judge_blocks(blocks, block_kit.MESSAGE, MESSAGE_BLOCKS)
    if whole_size and len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))) > BLOCKS_TOTAL:
        raise Refused("msg_blocks_too_long")


def judge_view(view: object, kind: str) -> Json:
    """The view, or `Refused`; `kind` is `modal` or `home`."""
    if not isinstance(view, dict) or view.get("type") != kind:
        raise Refused("invalid_arguments", [complaint(f"must be a {kind} view", "/view")])
    check = _MODAL if kind == "modal" else _HOME
    problems = [*check(view, "/view"), *_duplicates(view.get("blocks"), "/view/blocks")]
    if problems:
        raise Refused("invalid_arguments", problems)
    has_input = any(block.get("type") == "input" for block in view["blocks"])
    if kind == "modal" and has_input and "submit" not in view:
        raise Refused("invalid_arguments", [complaint("missing required field: submit", "/view")])
    return view


def judge_metadata(metadata: object) -> None:
    """Raise `Refused` unless it is `{"event_type": str, "event_payload": object}` of a sane size."""
    if metadata is None:
        return
    if (
        not isinstance(metadata, dict)
        or not isinstance(metadata.get("event_type"), str)
        or not isinstance(metadata.get("event_payload"), dict)
    ):
        raise Refused("invalid_metadata_format")
    if len(json.dumps(metadata).encode()) > METADATA_BYTES:
        raise Refused("metadata_too_large")


def _judge_blocks(blocks: list[object], table: Fields, most: int) -> None:
    problems = [*array(tagged(table), most)(blocks, "/blocks"), *_duplicates(blocks, "/blocks")]
    if not problems:
        problems = [*_totals(blocks)]
    if problems:
        raise Refused("invalid_blocks", problems)


def _totals(blocks: list[object]) -> Iterator[str]:
    known = [block for block in blocks if isinstance(block, dict)]
    markdown = sum(len(block["text"]) for block in known if block["type"] == "markdown")
    if markdown > MARKDOWN_TOTAL:
        yield complaint(
            f"markdown blocks must be less than {MARKDOWN_TOTAL + 1} characters together", "/blocks"
        )
    cells = sum(_text_length(block["rows"]) for block in known if block["type"] in {"table", "data_table"})
    if cells > TABLE_TOTAL:
        yield complaint(f"table cells must be less than {TABLE_TOTAL + 1} characters together", "/blocks")
    if {"plan", "task_card"} <= {block["type"] for block in known}:
        yield complaint("plan and task_card are not allowed in the same message", "/blocks")


def _text_length(value: object) -> int:
    """Characters of every `text` within."""
    if isinstance(value, list):
        return sum(_text_length(each) for each in value)
    if isinstance(value, dict):
        own = value.get("text")
        rest = sum(_text_length(each) for name, each in value.items() if name != "text")
        return rest + (len(own) if isinstance(own, str) else 0)
    return 0


def _duplicates(blocks: object, pointer: str) -> Iterator[str]:
    """block_id must be unique in a message or view, action_id in its block."""
    seen: set[str] = set()
    for index, block in enumerate(blocks if isinstance(blocks, list) else []):
        if not isinstance(block, dict):
            continue
        block_id = block.get("block_id")
        if isinstance(block_id, str):
            if block_id in seen:
                yield complaint(f'block_id "{block_id}" already exists', f"{pointer}/{index}/block_id")
            seen.add(block_id)
        yield from _duplicate_actions(block, f"{pointer}/{index}")


def _duplicate_actions(block: Mapping[str, object], pointer: str) -> Iterator[str]:
    elements = block.get("elements")
    seen: set[str] = set()
    for index, element in enumerate(elements if isinstance(elements, list) else []):
        action_id = element.get("action_id") if isinstance(element, dict) else None
        if not isinstance(action_id, str):
            continue
        if action_id in seen:
            yield complaint(
                f'action_id "{action_id}" already exists for block', f"{pointer}/elements/{index}/action_id"
            )
        seen.add(action_id)
