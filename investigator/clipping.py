"""Cut mrkdwn and code to a length without cutting through markup. Pure.

Lengths are in UTF-16 code units, the strictest thing Slack may mean by "characters".
"""

from __future__ import annotations

import re
from typing import NamedTuple

_ATOM = re.compile(r"&(?:amp|lt|gt);|<[^<>]*>|.", re.DOTALL)
_FENCE = "```"


class Clipped(NamedTuple):
    """`lines` is how many lines are missing, one that was cut included."""

    text: str
    lines: int


def length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def clip_lines(text: str, limit: int) -> Clipped:
    """As many whole lines as fit; when not even the first does, as much of it as fits."""
    if length(text) <= limit:
        return Clipped(text, 0)
    lines = text.split("\n")
    kept: list[str] = []
    room = limit - len(_FENCE) - 1
    for line in lines:
        if length(line) + 1 > room:
            break
        kept.append(line)
        room -= length(line) + 1
    if not "".join(kept).strip():
        return Clipped(_cut(text, limit), len(lines))
    return Clipped(_closed("\n".join(kept).rstrip()), len(lines) - len(kept))


def clip_paragraphs(text: str, limit: int) -> Clipped:
    """As many whole paragraphs as fit; lines, where that would leave less than half of the room used."""
    if length(text) <= limit:
        return Clipped(text, 0)
    head = text[:limit].rpartition("\n\n")[0].rstrip()
    if head.count(_FENCE) % 2 or not limit // 2 <= length(head) <= limit:
        return clip_lines(text, limit)
    return Clipped(head, text[len(head) :].strip().count("\n") + 1)


def _closed(text: str) -> str:
    return text + "\n" + _FENCE if text.count(_FENCE) % 2 else text


def _cut(text: str, limit: int) -> str:
    """Within one line: never inside an entity or a link, never leaving code or bold text open."""
    open_marks: list[str] = []
    kept: list[str] = []
    room = limit - len(_FENCE) - 2
    for match in _ATOM.finditer(text):
        atom = match[0]
        if length(atom) > room:
            break
        kept.append(atom)
        room -= length(atom)
        if atom in open_marks[-1:]:
            open_marks.pop()
        elif atom == "`" or (atom == "*" and not open_marks):
            open_marks.append(atom)
    cut = "".join(kept).rstrip() + "…"
    return _closed(cut) if _FENCE in cut else cut + "".join(reversed(open_marks))
