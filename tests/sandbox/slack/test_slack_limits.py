"""The judge: what Slack refuses, and where it points."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.slack.limits import judge_message, judge_metadata, judge_view
from sandbox.slack.refusal import Refused

Block = dict[str, Any]


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "x", **more: object) -> Block:
    return {"type": "section", "text": mrkdwn(text), **more}


def button(**more: object) -> Block:
    return {"type": "button", "text": plain("Go"), "action_id": "go", **more}


def actions(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}


def rich(*parts: Block) -> Block:
    return {"type": "rich_text", "elements": list(parts)}


def preformatted(*inline: Block) -> Block:
    return {"type": "rich_text_preformatted", "elements": list(inline)}


def table(rows: int, columns: int, text: str = "x") -> Block:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text}] * columns for _ in range(rows)]}


WORD: Block = {"type": "text", "text": "x"}
TASK: Block = {"type": "task_card", "task_id": "1", "title": "Look", "status": "in_progress"}
CONFIRM = {"title": plain("Sure?"), "text": mrkdwn("It opens."), "confirm": plain("Yes"), "deny": plain("No")}
OPTION = {"text": plain("One"), "value": "1"}
IMAGE = {"type": "image", "image_url": "https://e.example/i.png", "alt_text": "graph"}

ACCEPTED = {
    "header at its limit": {"type": "header", "text": plain("x" * 150)},
    "section at its limit": section("x" * 3000),
    "ten fields": {"type": "section", "fields": [mrkdwn("x" * 200)] * 10},
    "accessory": section(accessory=button(confirm=CONFIRM, style="danger", value="v" * 2000)),
    "overflow": section(accessory={"type": "overflow", "action_id": "more", "options": [OPTION] * 5}),
    "image accessory": section(accessory=IMAGE),
    "context": {"type": "context", "elements": [IMAGE, *[mrkdwn("x")] * 9]},
    "divider": {"type": "divider"},
    "image": {**IMAGE, "title": plain("x")},
    "actions": actions(*(button(action_id=str(n)) for n in range(25))),
    "select": actions({"type": "static_select", "action_id": "s", "options": [OPTION] * 100}),
    "markdown": {"type": "markdown", "text": "x" * 12_000},
    "table": table(100, 4),
    "data table": {**table(101, 2), "type": "data_table", "caption": "Suspects", "page_size": 10},
    "task card": TASK,
    "plan": {"type": "plan", "title": "Investigating", "tasks": [TASK]},
    "thumbs": {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "thumbs",
                "positive_button": {"text": plain("Good"), "value": "up"},
                "negative_button": {"text": plain("Bad"), "value": "down"},
            }
        ],
    },
    "rich text": rich(
        {"type": "rich_text_section", "elements": [WORD, {"type": "link", "url": "https://e.example"}]},
        preformatted(WORD),
        {"type": "rich_text_quote", "elements": [{**WORD, "style": {"bold": True}}]},
        {
            "type": "rich_text_list",
            "style": "bullet",
            "elements": [{"type": "rich_text_section", "elements": [WORD]}],
        },
    ),
    "container": {"type": "container", "title": plain("Details"), "child_blocks": [section()]},
}

REFUSED = {
    "unknown type": ({"type": "heading"}, "unsupported type: heading [json-pointer:/blocks/0/type]"),
    "no type": ({"text": plain("x")}, "missing required field: type [json-pointer:/blocks/0]"),
    "not an object": ("x", "must be an object [json-pointer:/blocks/0]"),
    "long section": (section("x" * 3001), "less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    "empty text": (section(""), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    "bare string": ({"type": "section", "text": "x"}, "must be an object [json-pointer:/blocks/0/text]"),
    "nothing in it": ({"type": "section"}, "at least one is required of: text, fields"),
    "mrkdwn header": ({"type": "header", "text": mrkdwn("x")}, "unsupported type: mrkdwn"),
    "long header": ({"type": "header", "text": plain("x" * 151)}, "must be less than 151 characters"),
    "eleven fields": ({"type": "section", "fields": [mrkdwn("x")] * 11}, "no more than 10 items"),
    "long field": ({"type": "section", "fields": [mrkdwn("x" * 2001)]}, "/blocks/0/fields/0/text]"),
    "crowded context": ({"type": "context", "elements": [mrkdwn("x")] * 11}, "no more than 10 items"),
    "empty context": ({"type": "context", "elements": []}, "must have at least 1 items"),
    "crowded actions": (actions(*(button(action_id=str(n)) for n in range(26))), "no more than 25 items"),
    "same action twice": (actions(button(), button()), 'action_id "go" already exists for block'),
    "long action_id": (actions(button(action_id="x" * 256)), "/blocks/0/elements/0/action_id]"),
    "long button": (actions(button(text=plain("x" * 76))), "must be less than 76 characters"),
    "mrkdwn button": (actions(button(text=mrkdwn("x"))), "unsupported type: mrkdwn"),
    "long value": (actions(button(value="x" * 2001)), "must be less than 2001 characters"),
    "long url": (actions(button(url="https://e.example/" + "x" * 3000)), "must be less than 3001 characters"),
    "no url": (actions(button(url="javascript:alert(1)")), "must be a valid URL"),
    "odd style": (actions(button(style="warning")), "must be one of: primary, danger"),
    "half a confirm": (
        section(accessory=button(confirm={"title": plain("x")})),
        "missing required field: deny",
    ),
    "six overflow options": (
        section(accessory={"type": "overflow", "options": [OPTION] * 6}),
        "no more than 5 items",
    ),
    "no alt text": ({"type": "image", "image_url": "https://e.example"}, "missing required field: alt_text"),
    "long alt text": ({**IMAGE, "alt_text": "x" * 2001}, "must be less than 2001 characters"),
    "extra field": (section(colour="red"), "invalid additional property: colour [json-pointer:/blocks/0]"),
    "emoji in code": (rich(preformatted({"type": "emoji", "name": "fire"})), "unsupported type: emoji"),
    "empty rich text": (rich(preformatted({"type": "text", "text": ""})), "must be more than 0 characters"),
    "loose rich text": (rich(WORD), "unsupported type: text [json-pointer:/blocks/0/elements/0/type]"),
    "alert in a message": ({"type": "alert", "text": plain("x")}, "unsupported type: alert"),
    "long table": (table(101, 1), "no more than 100 items"),
    "wide table": (table(1, 21), "no more than 20 items"),
    "full table": (table(11, 1, "x" * 1000), "table cells must be less than 10001 characters together"),
    "data table without caption": ({**table(2, 1), "type": "data_table"}, "missing required field: caption"),
    "data table without rows": (
        {**table(1, 1), "type": "data_table", "caption": "x"},
        "must have at least 2 items [json-pointer:/blocks/0/rows]",
    ),
    "ragged data table": (
        {"type": "data_table", "caption": "x", "rows": table(1, 1)["rows"] + table(1, 2)["rows"]},
        "all rows must have the same number of cells",
    ),
    "odd status": ({**TASK, "status": "completed"}, "must be one of: pending, in_progress, complete, error"),
    "long markdown": ({"type": "markdown", "text": "x" * 12_001}, "must be less than 12001 characters"),
}


@pytest.mark.parametrize("block", ACCEPTED.values(), ids=ACCEPTED)
def test_slack_takes(block: Block) -> None:
    judge_message("fallback", [block])


@pytest.mark.parametrize(("block", "complaint"), REFUSED.values(), ids=REFUSED)
def test_slack_refuses(block: object, complaint: str) -> None:
    with pytest.raises(Refused) as caught:
        judge_message("fallback", [block])
    assert caught.value.error == "invalid_blocks"
    assert any(complaint in message for message in caught.value.messages), caught.value.messages
    messages = caught.value.envelope()["response_metadata"]
    assert all(each.startswith("[ERROR] ") for each in messages["messages"])  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "blocks", "error"),
    [
        ("", [], "no_text"),
        ("", None, "no_text"),
        ("x" * 40_001, None, "msg_too_long"),
        ("x", {"type": "section"}, "invalid_blocks_format"),
        ("x", [{"type": "divider"}] * 51, "invalid_blocks"),
        ("x", [section("x" * 2900) for _ in range(5)], "msg_blocks_too_long"),
        ("x", [{"type": "divider", "block_id": "b"}] * 2, "invalid_blocks"),
        ("x", [TASK, {"type": "plan", "title": "x"}], "invalid_blocks"),
        ("x", [{"type": "markdown", "text": "x" * 6001}] * 2, "invalid_blocks"),
    ],
)
def test_whole_messages_have_limits_too(text: str, blocks: object, error: str) -> None:
    with pytest.raises(Refused) as caught:
        judge_message(text, blocks)
    assert caught.value.error == error


@pytest.mark.parametrize("metadata", ["x", {}, {"event_type": "x"}, {"event_type": "x", "event_payload": []}])
def test_metadata_needs_its_two_parts(metadata: object) -> None:
    with pytest.raises(Refused, match="invalid_metadata_format"):
        judge_metadata(metadata)


def test_metadata_has_a_size() -> None:
    with pytest.raises(Refused, match="metadata_too_large"):
        judge_metadata({"event_type": "x", "event_payload": {"key": "x" * 16_000}})


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"title": plain("x" * 25)}, "/view/title/text]"),
        ({"private_metadata": "x" * 3001}, "/view/private_metadata]"),
        (
            {"blocks": [{"type": "divider"}] * 101},
            "no more than 100 items allowed [json-pointer:/view/blocks]",
        ),
        ({"blocks": [{"type": "markdown", "text": "x"}]}, "unsupported type: markdown"),
        ({"type": "home"}, "must be a modal view"),
    ],
)
def test_views_have_limits(change: Block, complaint: str) -> None:
    view = {"type": "modal", "title": plain("x"), "blocks": [{"type": "alert", "text": plain("x")}]}
    judge_view(view, "modal")
    with pytest.raises(Refused) as caught:
        judge_view({**view, **change}, "modal")
    assert any(complaint in message for message in caught.value.messages), caught.value.messages


def test_inputs_need_a_submit_button() -> None:
    field = {"type": "input", "label": plain("x"), "element": {"type": "plain_text_input"}}
    view = {"type": "modal", "title": plain("x"), "blocks": [field]}
    with pytest.raises(Refused, match="missing required field: submit"):
        judge_view(view, "modal")
    judge_view({**view, "submit": plain("Go")}, "modal")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "text", "elements", "fields", "accessory", "rows", "action_id"]), inner
        )
    ),
    max_leaves=12,
)
KINDS = st.sampled_from(["section", "actions", "context", "table", "rich_text", "plan", "header"])


@given(
    blocks=st.lists(
        st.tuples(KINDS, st.dictionaries(st.sampled_from(["text", "elements"]), JSON)), max_size=3
    )
)
@settings(max_examples=60, deadline=None)
def test_the_judge_never_breaks_on_rubbish(blocks: list[tuple[str, Block]]) -> None:
    with suppress(Refused):
        judge_message("x", [{**rest, "type": kind} for kind, rest in blocks])
