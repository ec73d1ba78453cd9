"""A message over Slack's limits is clipped and says so; it is never refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from investigator.block_limits import TOTAL, fit, weight
from investigator.classic_blocks import to_classic
from investigator.clipping import clip_lines, clip_paragraphs, length
from investigator.models.message import Message
from tests.fixtures.slack_checker import check


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def code(text: str) -> dict[str, Any]:
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}],
    }


def buttons(*ids: str) -> dict[str, Any]:
    return {
        "type": "actions",
        "elements": [
            {"type": "button", "text": {"type": "plain_text", "text": "Go"}, "action_id": name, "value": "42"}
            for name in ids
        ],
    }


def fitted(*blocks: dict[str, Any], text: str = "text") -> list[dict[str, Any]]:
    message = fit(Message(text=text, blocks=blocks), "in the thread")
    check(message)
    return list(message.blocks)


def test_a_message_within_the_limits_is_left_alone() -> None:
    blocks = [section("short"), code("x = 1"), {"type": "divider"}, buttons("a", "b")]
    message = fit(Message(text="text", blocks=tuple(blocks)), "in the thread")
    assert list(message.blocks) == blocks


def test_a_long_section_ends_between_lines_and_tells_how_many_are_missing() -> None:
    text = fitted(section("\n".join(f"line {n}" for n in range(600))))[0]["text"]["text"]
    last, notice = text.split("\n")[-2:]
    assert notice == f"… {600 - int(last.removeprefix('line ')) - 1} more lines in the thread"


def test_a_long_section_rather_ends_between_paragraphs() -> None:
    paragraph = "\n".join(["words and more words"] * 10)
    text = fitted(section("\n\n".join([paragraph] * 20)))[0]["text"]["text"]
    assert text.split("\n… ")[0].endswith(paragraph), "a paragraph was torn apart"


def test_a_single_endless_line_is_cut_and_leaves_no_markup_open() -> None:
    text = fitted(section("*bold* `" + "a&amp;" * 2_000 + "`"))[0]["text"]["text"]
    assert "more line in the thread" in text


def test_more_blocks_than_slack_takes_end_in_a_notice_before_the_buttons() -> None:
    blocks = fitted(*(section(f"block {n}") for n in range(80)), buttons("a"))
    assert len(blocks) <= 50
    assert blocks[-1]["type"] == "actions", "buttons are never left out"
    assert blocks[-2]["elements"][0]["text"] == f"… {80 - (len(blocks) - 2)} more lines in the thread"


def test_a_message_that_is_too_long_as_a_whole_is_clipped_from_the_end() -> None:
    blocks = fitted(section("first"), *(code("x\n" * 1_000) for _ in range(10)), buttons("a"))
    assert blocks[0]["text"]["text"] == "first"
    assert sum(map(weight, blocks)) <= TOTAL
    assert blocks[-2]["elements"][0]["text"].endswith("more lines in the thread")


@pytest.mark.parametrize("empty", [section(" \n"), code("\n"), buttons(), {"type": "section", "fields": []}])
def test_a_block_without_content_is_left_out(empty: dict[str, Any]) -> None:
    assert fitted(section("said"), empty) == [section("said")]


def test_a_header_is_clipped_to_what_slack_takes() -> None:
    header = {"type": "header", "text": {"type": "plain_text", "text": "😀" * 100}}
    assert length(fitted(header)[0]["text"]["text"]) <= 150, "Slack may count an emoji twice"


def test_repeated_action_ids_become_unique() -> None:
    blocks = fitted(section("x"), buttons("a", "a"), buttons("a"))
    ids = [button["action_id"] for block in blocks[1:] for button in block["elements"]]
    assert ids == ["a", "a_2", "a_3"]


def test_without_newer_blocks_code_stands_in_a_fence() -> None:
    message = to_classic(Message(text="t", blocks=(section("x"), code("a < b\n```\nc"))), "in the thread")
    check(message)
    assert message.blocks[1]["text"]["text"].startswith("```\na &lt; b\n")


def test_a_clipped_fence_is_closed() -> None:
    message = to_classic(Message(text="t", blocks=(code("<>&\n" * 600),)), "in the thread")
    check(message)
    assert message.blocks[0]["text"]["text"].count("```") == 2


def test_a_block_without_a_classic_form_is_left_out() -> None:
    newer = {"type": "markdown", "text": "# new"}
    assert to_classic(Message(text="t", blocks=(section("x"), newer)), "").blocks == (section("x"),)


@given(st.text(alphabet="ab \n&<>`*😀", max_size=300), st.integers(min_value=20, max_value=200))
@settings(max_examples=60)
def test_clipping_never_exceeds_its_limit(text: str, limit: int) -> None:
    for clipped in (clip_lines(text, limit), clip_paragraphs(text, limit)):
        assert length(clipped.text) <= limit
        assert (clipped.lines == 0) == (clipped.text == text), "whatever is missing must be counted"


@pytest.mark.parametrize(
    ("text", "clipped"),
    [
        ("`" + "x" * 99 + "`", "`xxxxxxxxxxxxxxxxxxxxxxxx…`"),
        ("*" + "x" * 99 + "*", "*xxxxxxxxxxxxxxxxxxxxxxxx…*"),
        ("*a* `b*" + "x" * 99 + "`", "*a* `b*xxxxxxxxxxxxxxxxxx…`"),
        ("xxxxxxxxxxxxxxxxxxxxx<https://h|label>", "xxxxxxxxxxxxxxxxxxxxx…"),
        ("xxxxxxxxxxxxxxxxxxxxx&amp;&amp;yyyyyy", "xxxxxxxxxxxxxxxxxxxxx…"),
    ],
)
def test_a_cut_line_keeps_its_markup_whole(text: str, clipped: str) -> None:
    assert clip_lines(text, 30).text == clipped


def test_rich_text_that_is_not_code_is_left_alone() -> None:
    words = {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "a"}] * 2}],
    }
    assert fitted(words) == [words]
