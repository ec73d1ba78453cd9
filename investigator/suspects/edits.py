"""What kind of edit the changed lines of a file are: guards taken out, only numbers, only new functions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

_GUARD = re.compile(
    r"\b(?:if|elif|unless|guard|assert|except|catch|rescue|isinstance|hasattr|getattr)\b|\?\.|\?\?|&\.|"
    r"\.get\(|\bis (?:not )?None\b|[!=]==? ?(?:null|nil|None|undefined)\b|\.(?:nil|present|blank)\?"
)
_IMPORT = re.compile(
    r"^\s*(?:import|from|require|require_relative|use|using|include|#include|const .*require)\b"
)
_NUMBER = re.compile(r"(?<![\w.])-?\d[\d_]*(?:\.\d+)?(?=(?:ms|s|m|h|kb|mb|gb|%)?\b)", re.IGNORECASE)
_WORD = re.compile(r"\w")
_SPACE = re.compile(r"\s+")


def unguarded(added: Iterable[tuple[str | None, str]], removed: Iterable[tuple[str | None, str]]) -> set[str]:
    """Functions that lost more guards than they gained; lines come as (function, text), "" when in none."""
    guards: Counter[str] = Counter()
    for sign, lines in ((1, removed), (-1, added)):
        for function, text in lines:
            if _GUARD.search(text):
                guards[function or ""] += sign
    return {function for function, lost in guards.items() if lost > 0}


def imports(line: str) -> bool:
    """Whether `line` does nothing but name another module, in the notations of common languages."""
    return _IMPORT.match(line) is not None


def only_new(added: Iterable[tuple[str | None, str]], new: AbstractSet[str]) -> bool:
    """Whether all of the lines that came, imports aside, belong to the `new` functions."""
    lines = [(function, text) for function, text in added if tells(text)]
    functions = {function for function, text in lines if function or not imports(text)}
    return bool(functions) and functions <= new


def tells(text: str) -> bool:
    """Whether there is a word in `text`: blank lines and closing brackets belong to whatever is near."""
    return _WORD.search(text) is not None


def numbers_only(added: Sequence[str], removed: Sequence[str]) -> bool:
    """Whether nothing but numbers was changed."""
    return bool(added) and _without_numbers(added) == _without_numbers(removed)


def numbers(lines: Iterable[str]) -> set[str]:
    return {number for line in lines for number in _NUMBER.findall(line)}


def _without_numbers(lines: Iterable[str]) -> list[str]:
    return [_SPACE.sub("", _NUMBER.sub("0", line)) for line in lines]
