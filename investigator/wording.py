"""Numbers, times and long texts in words, for people who read them at three in the morning. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

MINUTE, HOUR, DAY = 60, 3_600, 86_400
_SHA = re.compile(r"\b[0-9a-f]{40}\b")
_UNITS = ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (1, "second"))


def count(number: int, noun: str, plural: str | None = None) -> str:
    """`1 event`, `1,204 events`, `2 days`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def duration(length: timedelta) -> str:
    """The length without its sign: `40 seconds`, `12 minutes`, `1 hour 25 minutes`, `3 days`.

    A second unit is named only while it still matters, that is beside a first unit of one or two.
    """
    seconds = round(abs(length.total_seconds()))
    if seconds < 1:
        return "less than a second"
    for position, (size, name) in enumerate(_UNITS):
        if seconds < size:
            continue
        whole, rest = divmod(seconds, size)
        words = count(whole, name)
        if whole <= 2 and size > MINUTE:
            smaller, smaller_name = _UNITS[position + 1]
            if rest >= smaller:
                words += " " + count(rest // smaller, smaller_name)
        return words
    raise AssertionError("every positive number of seconds is at least one second")


def relative(moment: datetime, anchor: datetime, what: str) -> str:
    """`12 minutes before the first event`, `3 hours after the first event`, `at the first event`."""
    distance = moment - anchor
    if abs(distance) < timedelta(seconds=1):
        return f"at {what}"
    return f"{duration(distance)} {'before' if distance < timedelta(0) else 'after'} {what}"


def utc(moment: datetime) -> str:
    """`2026-11-24 06:12 UTC`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def clock(moment: datetime) -> str:
    """`06:12:07`, in UTC."""
    return f"{moment.astimezone(UTC):%H:%M:%S}"


def percent(probability: float) -> str:
    """`82%`. Nothing that is merely probable is called certain or impossible."""
    return f"{min(99, max(1, round(probability * 100)))}%"


def probability(chance: float) -> str:
    """`0.87`. Nothing that is merely probable is called certain or impossible."""
    return f"{min(0.99, max(0.01, chance)):.2f}"


def short_shas(text: str) -> str:
    """Full commit hashes in a text cut to the seven characters that people compare."""
    return _SHA.sub(lambda sha: sha[0][:7], text)


def one_line(text: str) -> str:
    return " ".join(text.split())


def clip(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words where there is a border in the last third, then `…`."""
    if len(text) <= limit:
        return text
    if limit < 1:
        return ""
    cut = text[: limit - 1]
    border = max(cut.rfind(" "), cut.rfind("\n"))
    if border > limit * 2 // 3 and not text[len(cut)].isspace():
        cut = cut[:border]
    return cut.rstrip() + "…"


def listing(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))
