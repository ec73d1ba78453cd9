"""Text that is not ours, made safe for Slack's mrkdwn. Pure.

Escaping stops forged mentions and links. It does not stop `*`, `_`, `~`, back-ticks and `:emoji:` in foreign
text from pairing with ours. mrkdwn has no escape for them, so where they could format they are replaced by
look-alikes. Code spans keep all but back-ticks, so whatever a person may want to copy belongs in one.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

from investigator.wording import one_line

URL_LIMIT = 3_000
_BREAK = "\u200b"
_LOOKALIKES = {"`": "ˋ", "*": "∗", "_": "ˍ", "~": "∼", ":": "∶"}
_BACKTICK = _LOOKALIKES["`"]
_INVISIBLE = frozenset(
    {"Cc", "Cf", "Cs"}
)  # control, format (bidirectional, zero-width, tags), lone surrogates
_FORMATTING = re.compile(r"`|(?<![^\W_])[*_~]|[*_~](?![^\W_])|:(?=[a-z_+-][\w+-]*:)")
_ADJACENT = re.compile(r"`(?=`)")
_SPAN = re.compile(r"`([^`\n]+)`")
_QUOTE = re.compile(r"^(\s*)(?=&gt;)", re.MULTILINE)
_FORBIDDEN_IN_URL = re.compile(r"[\s<>|\"`\\^{}]")
_CHANNEL = re.compile(r"[CG][A-Z0-9]{5,20}")
_USER = re.compile(r"[UW][A-Z0-9]{1,20}")


def clean(text: str) -> str:
    """Without what is invisible: control and format characters, lone surrogates. Line breaks become `\\n`."""
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in _INVISIBLE)


def entities(text: str) -> str:
    """The three characters that start markup, escaped as Slack asks for."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape(text: str) -> str:
    """mrkdwn that shows `text` as it is, whatever stands before and after it."""
    text = _FORMATTING.sub(lambda hit: _LOOKALIKES[hit[0]], clean(text))
    return _QUOTE.sub(r"\1" + _BREAK, entities(text))


def code(text: str) -> str:
    """A code span on one line; empty for an empty text."""
    text = one_line(clean(text)).replace("`", _BACKTICK)
    return f"`{entities(text)}`" if text else ""


def prose(text: str) -> str:
    """A sentence of ours that quotes code in back-ticks: those stay code spans, all is escaped."""
    pieces = _SPAN.split(text)
    return "".join(code(piece) if at % 2 else escape(piece) for at, piece in enumerate(pieces))


def fence(text: str) -> str:
    """A code block that no back-ticks inside can end."""
    return "```\n" + _ADJACENT.sub("`" + _BREAK, entities(clean(text))) + "\n```"


def safe_url(url: str | None) -> str | None:
    """`url` when it may become a link: http(s), a host, no credentials, nothing that could end the markup."""
    if not url or len(url) > URL_LIMIT or _FORBIDDEN_IN_URL.search(url) or clean(url) != url:
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for a port that is not a number
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        return None
    return url


def link(url: str | None, text: str) -> str:
    """`<url|text>`, or just the escaped text when the address is not fit to be a link."""
    label = escape(one_line(text))
    address = safe_url(url)
    if address is None or not label:
        return label
    return f"<{address.replace('&', '&amp;')}|{label}>"


def is_user(text: str) -> bool:
    """Whether this is a Slack user id."""
    return _USER.fullmatch(text) is not None


def mention(user: str) -> str:
    """`<@U123>` for a Slack user id, else the escaped text (a name, or who Sentry says it was)."""
    return f"<@{user}>" if is_user(user) else escape(one_line(user))


def topic(mrkdwn: str) -> str:
    """Escaped text for a channel's topic: Slack may not read `&lt;` there, look-alikes need no escaping."""
    return mrkdwn.replace("&lt;", "‹").replace("&gt;", "›").replace("&amp;", "&")


def channel(name_or_id: str) -> str:
    """`<#C0123456>` for a channel id, else the escaped name."""
    return f"<#{name_or_id}>" if _CHANNEL.fullmatch(name_or_id) else escape(one_line(name_or_id))
