"""A message reads well on a terminal."""

from __future__ import annotations

from typing import Any

from investigator.models.message import Message
from investigator.plain_text import as_text


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def text_of(*blocks: dict[str, Any], **options: Any) -> str:
    return as_text(Message(text="fallback", blocks=blocks), **options)


def test_markup_is_turned_back_into_text() -> None:
    mrkdwn = "*bold* <https://h/x?a=1&amp;b|PR #1> <@U1> in <#C1|ops> &lt;b&gt; &amp;amp; `code`"
    assert text_of(section(mrkdwn)) == "bold PR #1 @U1 in #ops <b> &amp; `code`"


def test_addresses_are_shown_on_request() -> None:
    assert (
        text_of(section("`<https://h/x|a.py:1>` <https://h>"), addresses=True)
        == "`a.py:1` (https://h/x) https://h"
    )


def test_prose_is_wrapped_and_code_is_not() -> None:
    code = {
        "type": "rich_text",
        "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x " * 40}]}],
    }
    lines = text_of(section("word " * 40), code, width=50).split("\n")
    assert max(map(len, lines[:-1])) <= 50
    assert lines[-1] == "    " + "x " * 40


def test_every_block_has_a_form() -> None:
    plain = {"type": "plain_text", "text": "plain"}
    shown = text_of(
        {"type": "header", "text": {"type": "plain_text", "text": "Title"}},
        {"type": "divider"},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "*a*"}, plain]},
        {"type": "context", "elements": [plain, {"type": "image", "alt_text": "logo"}]},
        {"type": "image", "alt_text": "timeline"},
        {"type": "actions", "elements": [{"type": "button", "text": plain, "url": "https://h"}]},
        {"type": "alert", "text": plain},
        width=10,
    )
    assert shown == "\n".join(
        [
            "Title",
            "═════",
            "─" * 10,
            "",
            "a",
            "plain",
            "  plain",
            "  (picture: logo)",
            "(picture: timeline)",
            "",
            "[ plain ]",
            "plain",
        ]
    )


def test_without_blocks_the_text_is_shown() -> None:
    assert text_of() == "fallback"
