"""Turn values of unknown type into the type that is wanted, or into nothing. None of these ever raises.

Text that leaves here can always be encoded as UTF-8 and holds no control characters but tab and newline.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from investigator.sentry import limits

Object = Mapping[str, object]
T = TypeVar("T")

_NOTHING: Object = {}
_LARGEST_NUMBER = 2**53  # up to here a float is exact
_WRITTEN_OUT = 10**100  # Python refuses to write out integers of thousands of digits
_YEARS = range(1990, 2101)
_OUTLINE_DEPTH, _OUTLINE_ITEMS = 4, 20

_SURROGATE = re.compile("[\ud800-\udfff]")
# C0 and C1 controls except tab and newline, and the marks that reorder the text around them.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]*")
_LINK = re.compile(r"https?://[^\s<>|\"'`\\]+", re.IGNORECASE)


def mapping(value: object) -> Object:
    return value if isinstance(value, Mapping) else _NOTHING


def sequence(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()


def pick(data: Object, *names: str) -> object:
    """The first of these keys that is there and not null."""
    for name in names:
        value = data.get(name)
        if value is not None:
            return value
    return None


def walk(data: object, *names: str) -> object:
    """The value at this path of keys, or None."""
    for name in names:
        data = mapping(data).get(name)
    return data


def line(value: object, limit: int = limits.LINE) -> str:
    """Clean text, which may be empty or blank; numbers, lists and objects become text too."""
    raw = value if isinstance(value, str) else _as_text(value)
    clipped = raw if len(raw) <= limit else raw[: limit - 1] + "…"
    if clipped.isascii() and clipped.isprintable():  # nearly all text is: this halves the time of parsing
        return clipped
    if _SURROGATE.search(clipped):
        clipped = clipped.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _CONTROL.sub("", clipped)


def text(value: object, limit: int = limits.NAME) -> str | None:
    """Clean text, or None when there is nothing to read in it."""
    cleaned = line(value, limit)
    return cleaned if cleaned.strip() else None


def identifier(value: object) -> str | None:
    """An id, fit for a key and for a part of a path. Numbers are accepted, anything unusual is not."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        value = whole(value)
    if isinstance(value, int):
        return str(value) if 0 <= value < 2**63 else None
    if isinstance(value, str) and len(value) <= limits.IDENTIFIER and _IDENTIFIER.fullmatch(value):
        return value
    return None


def link(value: object) -> str | None:
    """An absolute http(s) address without characters that could end it early in markup."""
    if not isinstance(value, str) or len(value) > limits.URL:
        return None
    cleaned = line(value.strip(), limits.URL)
    return cleaned if _LINK.fullmatch(cleaned) else None


def whole(value: object) -> int | None:
    """A non-negative whole number, also from text and from floats that are whole."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = _number(value)
    if isinstance(value, float):
        value = int(value) if math.isfinite(value) and value.is_integer() else None
    return value if isinstance(value, int) and 0 <= value <= _LARGEST_NUMBER else None


def positive(value: object) -> int | None:
    """A line or column number, counted from 1."""
    return whole(value) or None


def flag(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    return words.get(value.lower()) if isinstance(value, str) else None


def moment(value: object) -> datetime | None:
    """A time in UTC from ISO 8601 or seconds since 1970; None when it is not in 1990 to 2100."""
    number = _number(value) if isinstance(value, str) else value
    try:
        if isinstance(number, int | float) and not isinstance(number, bool):
            parsed = datetime.fromtimestamp(number, UTC)
        elif isinstance(value, str):
            parsed = datetime.fromisoformat(value.strip())
            parsed = parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    return parsed if parsed.year in _YEARS else None


def keep_ends(items: Sequence[T], limit: int, at_start: int) -> Sequence[T]:
    """At most `limit` items: the first `at_start` and the last of the rest."""
    if len(items) <= limit:
        return items
    return [*items[:at_start], *items[-(limit - at_start) :]]


def _number(value: str) -> float | None:
    try:
        return float(value) if len(value) <= 32 else None
    except ValueError:
        return None


def _as_text(value: object) -> str:
    if value is None:
        return ""
    outline = _outline(value, _OUTLINE_DEPTH)
    return outline if isinstance(outline, str) else json.dumps(outline, ensure_ascii=False)


def _outline(value: object, depth: int) -> object:
    """The same value, cut to a size that can be written out whatever its nesting and width were."""
    if isinstance(value, str):
        return value[: limits.LINE]
    if isinstance(value, int | float | None):
        return value if value is None or abs(value) < _WRITTEN_OUT else "…"
    if depth == 0 or not isinstance(value, Mapping | list | tuple):
        return "…"
    if isinstance(value, Mapping):
        first = list(value.items())[:_OUTLINE_ITEMS]
        return {str(key)[: limits.NAME]: _outline(inner, depth - 1) for key, inner in first}
    return [_outline(inner, depth - 1) for inner in value[:_OUTLINE_ITEMS]]
