"""Text that is not ours, made safe for Markdown documents: pull requests, commits, postmortems. Pure."""

from __future__ import annotations

import importlib.resources
import re
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from investigator import wording
from investigator.slack_text import clean, safe_url

_SPEAKING = re.compile(r"(?<=[@#])(?=\w)|(?<=\bGH)(?=-\d)|(?<=:)(?=//)", re.IGNORECASE)
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|~>-])")
_FORMATTING = re.compile(
    r"[\\`*\[\]<>~|]|(?<=\])\("
    r"|(?<![^\W_])_|_(?![^\W_])"  # inside a word it formats nothing
    r"|!(?=\[)|&(?=#?\w{1,32};)"  # a picture, an entity
    r"|^[#+=-]|(?<=^\d)[.)]|(?<=^\d\d)[.)]"  # a heading, a list
)
_ADDRESS = re.compile(r"(?<=:)(?=//)")
_SPAN = re.compile(r"`([^`\n]+)`")
_TICKS = re.compile(r"`+")
_FENCE = re.compile(r"`(?=``)")


def plain(text: str, limit: int = 200) -> str:
    """One line for titles and commit messages: it names nobody, links nothing and closes no issue."""
    return wording.clip(_SPEAKING.sub(" ", wording.one_line(clean(text))), limit)


def prose(text: str, limit: int = 2_000) -> str:
    """A paragraph of Markdown that shows `text` as it is; as entities, so that no HTML comment is forged."""
    return _MARKUP.sub(r"\\\1", plain(text, limit)).replace("&", "&amp;").replace("<", "&lt;")


def readable(text: str, limit: int = 2_000) -> str:
    """The same for documents that are read unrendered as well: only what would format is escaped.

    They are Slack's, which takes neither @name nor #1 for anything.
    """
    shown = wording.clip(_ADDRESS.sub(" ", wording.one_line(clean(text))), limit)
    return _FORMATTING.sub(r"\\\g<0>", shown)


def readable_sentence(text: str, limit: int = 2_000) -> str:
    """A sentence of ours that quotes code in back-ticks: those stay code spans, the rest is as `readable`."""
    pieces = _SPAN.split(wording.clip(text, limit))
    return "".join(code(piece, limit) if at % 2 else _apart(piece) for at, piece in enumerate(pieces))


def _apart(piece: str) -> str:
    """`readable` with the spaces that part it from code spans."""
    before, after = (" " if piece[edge:][:1].isspace() else "" for edge in (0, -1))
    return f"{before}{readable(piece)}{after}" if piece.strip() else before


def code(text: str, limit: int = 300) -> str:
    """A code span; nothing in it is a mention, a link or markup."""
    shown = wording.clip(wording.one_line(clean(text)), limit)
    ticks = "`" * (1 + max((len(run) for run in _TICKS.findall(shown)), default=0))
    return f"{ticks} {shown} {ticks}" if shown else ""


def fenced(text: str) -> str:
    """Lines for a code block that no back-ticks inside can end."""
    return _FENCE.sub("ˋ", clean(text))


def markdown_environment(room: str) -> ImmutableSandboxedEnvironment:
    """The templates in `templates/<room>`, whose text from outside goes through the filters above."""
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(Path(str(importlib.resources.files("templates") / room))),
        undefined=StrictUndefined,
        autoescape=False,  # it makes Markdown, not HTML
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        plain=plain,
        prose=prose,
        code=code,
        fenced=fenced,
        percent=wording.percent,
        utc=wording.utc,
        duration=wording.duration,
        listing=wording.listing,
    )
    environment.globals.update(count=wording.count, safe_url=safe_url)
    return environment
