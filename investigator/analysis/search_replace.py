"""A model's suggestion, as it wrote it: reasons, and blocks of lines to search and to replace. Pure."""

from __future__ import annotations

import re

from investigator.analysis.failures import ProviderFailed
from investigator.models.base import Value
from investigator.models.suggestion import Edit
from investigator.slack_text import clean
from investigator.wording import clip, one_line

TEXT_LIMIT = 500

_SEARCH, _MIDDLE, _REPLACE = (
    re.compile(r"<{5,9} ?SEARCH"),
    re.compile(r"={5,9}"),
    re.compile(r">{5,9} ?REPLACE"),
)
_FILE = re.compile(r"(?:FILE|File|file)(?: ?PATH)?: *(.+)")
_SAID = re.compile(
    r"^[#*_ ]*(WHY|CANNOT KNOW|NO FIX)[*_ ]*:[*_ ]*(.*?)"
    r"(?=^[#*_ ]*(?:WHY|CANNOT KNOW|FILE)\b|^<<<<<|^```|\Z)",
    re.M | re.S,
)


class Proposal(Value):
    """`edits` empty: `declined` says why nothing is suggested."""

    edits: tuple[Edit, ...] = ()
    why: str = ""
    cannot_know: str = ""
    declined: str = ""


def read_proposal(text: str) -> Proposal:
    """The proposal in what a model wrote, whatever it wrote around it.

    Raises:
        ProviderFailed: of the kind `invalid`.
    """
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise ProviderFailed("invalid", "the answer is not text")
    text = text.replace("\r\n", "\n")
    edits = _edits(text.split("\n"))
    said = {found[1]: clip(one_line(clean(found[2])), TEXT_LIMIT) for found in _SAID.finditer(text)}
    if not edits and "NO FIX" in said:
        return Proposal(declined=said["NO FIX"] or "no reason was given")
    if not edits:
        raise ProviderFailed("invalid", "the answer holds no block of lines to replace")
    if not said.get("WHY"):
        raise ProviderFailed("invalid", "the answer does not say why")
    return Proposal(edits=edits, why=said["WHY"], cannot_know=said.get("CANNOT KNOW", ""))


def _edits(lines: list[str]) -> tuple[Edit, ...]:
    edits: list[Edit] = []
    path, at = "", 0
    while at < len(lines):
        if named := _FILE.fullmatch(lines[at].strip().strip("*")):
            path = named[1].strip().strip("`\"'*")
        if _SEARCH.fullmatch(lines[at].strip()):
            middle = _next(_MIDDLE, lines, at + 1)
            end = _next(_REPLACE, lines, middle + 1)
            if not path:
                raise ProviderFailed("invalid", "the answer does not say which file it changes")
            search, replace = lines[at + 1 : middle], lines[middle + 1 : end]
            edits.append(Edit(path=path, search="\n".join(search), replace="\n".join(replace)))
            at = end
        at += 1
    return tuple(edits)


def _next(mark: re.Pattern[str], lines: list[str], start: int) -> int:
    found = next((at for at in range(start, len(lines)) if mark.fullmatch(lines[at].rstrip())), None)
    if found is None:
        raise ProviderFailed("invalid", "a block of lines to replace has no end")
    return found
