"""Text that is not ours never becomes Slack markup."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from investigator import slack_text

HOSTILE = st.text(alphabet="<>&!@#|`*_~:\n\r\t a1\u202e\u200b\x00\ud800😀ש", max_size=60)


def shown(mrkdwn: str) -> str:
    """What Slack shows of escaped text."""
    return mrkdwn.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@pytest.mark.parametrize("attack", ["<!channel>", "<@U1>", "<https://evil|click>", "<!subteam^S1|@all>"])
def test_mentions_and_links_cannot_be_forged(attack: str) -> None:
    escaped = slack_text.escape(attack)
    assert "<" not in escaped, "foreign text must not open Slack markup"
    assert shown(escaped) == attack, "people must still read what was written"


@pytest.mark.parametrize("text", ["*bold*", "_it_", "~gone~", "`code`", ":fire:", "__init__", "**kwargs"])
def test_formatting_in_foreign_text_stays_text(text: str) -> None:
    escaped = slack_text.escape(text)
    assert not re.search(r"(?<!\w)[*_~`]|[*_~`](?!\w)|:\w+:", escaped), f"{escaped!r} would be formatted"


@pytest.mark.parametrize("text", ["snake_case_name", "12:30:45", "a*b", "http://x/a_b"])
def test_text_that_formats_nothing_is_left_alone(text: str) -> None:
    assert slack_text.escape(text) == text


def test_a_line_cannot_become_a_quotation() -> None:
    lines = slack_text.escape("said:\n> all is well").split("\n")
    assert not lines[1].startswith("&gt;"), "a foreign line must not look like a quotation of ours"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\x00b", "ab"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("zero\u200bwidth", "zerowidth"),
        ("lone\ud800surrogate", "lonesurrogate"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("שלום 😀", "שלום 😀"),
    ],
)
def test_what_is_invisible_is_removed(text: str, clean: str) -> None:
    assert slack_text.clean(text) == clean


def test_a_code_span_survives_backticks_and_line_breaks() -> None:
    span = slack_text.code("a`b\nc<d")
    assert span.count("`") == 2, "a back-tick inside must not end the span"
    assert "\n" not in span, "a span is one line"
    assert "<" not in span, "markup is parsed inside code spans too"


def test_an_empty_code_span_is_nothing() -> None:
    assert slack_text.code(" \x00\n") == "", "two bare back-ticks would swallow what follows"


def test_a_fence_cannot_be_ended_from_inside() -> None:
    fenced = slack_text.fence("a\n```\n<!channel>")
    assert fenced.count("```") == 2, "only our own fences may stand"
    assert "<!" not in fenced, "markup must stay escaped inside a fence"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "ftp://host/file",
        "https://",
        "https://github.com@evil.example/",
        "https://host/a|b",
        "https://host/a>b",
        "https://host/a b",
        "https://host:port/",
        "https://ho\u202est/",
        "https://host/" + "a" * 3_000,
        "",
        None,
    ],
)
def test_an_address_that_is_not_safe_becomes_plain_text(url: str | None) -> None:
    assert slack_text.link(url, "here") == "here", "only clean http(s) addresses may be links"


def test_a_link_shows_its_text_and_leads_to_its_address() -> None:
    linked = slack_text.link("https://host/a?b=1&c=2", "a <b>\n| c")
    assert linked == "<https://host/a?b=1&amp;c=2|a &lt;b&gt; | c>"


def test_only_slack_ids_become_mentions() -> None:
    assert slack_text.mention("U02AB") == "<@U02AB>"
    assert slack_text.mention("!channel") == "!channel", "a name must not notify anybody"
    assert slack_text.channel("C0123456") == "<#C0123456>"
    assert slack_text.channel("#ops") == "#ops"


@given(HOSTILE)
@settings(max_examples=60)
def test_no_text_at_all_opens_markup(text: str) -> None:
    for safe in (slack_text.escape(text), slack_text.code(text), slack_text.link(text, text)):
        assert "<" not in safe, "foreign text must not open Slack markup"
        assert re.sub(r"&(amp|lt|gt);", "", safe).find("&") == -1, "an ampersand of ours must be an entity"
        safe.encode()


@pytest.mark.parametrize("ticks", [1, 2, 3, 4, 5, 6, 7])
def test_no_number_of_backticks_ends_a_fence(ticks: int) -> None:
    assert slack_text.fence("`" * ticks).count("```") == 2


def test_code_quoted_in_a_sentence_of_ours_stays_code() -> None:
    assert slack_text.prose("its diff removes `__init__`, <b>") == "its diff removes `__init__`, &lt;b&gt;"
    assert slack_text.prose("a lone ` tick") == "a lone ˋ tick", "what is not a pair must not open a span"
