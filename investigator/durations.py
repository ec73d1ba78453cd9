"""How long, as people type it: `30m`, `2h`, `1d`, `1h30m`, `2w`. Pure."""

from __future__ import annotations

import re
from datetime import timedelta

LONGEST = timedelta(days=30)
_WHOLE = re.compile(r"(?:\d{1,4}[mhdw])+", re.IGNORECASE)
_PART = re.compile(r"(\d{1,4})([mhdw])", re.IGNORECASE)
_MINUTES = {"m": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60}


def parse_duration(text: str) -> timedelta | None:
    """None when the text is no duration, or an empty one."""
    if not _WHOLE.fullmatch(text):
        return None
    minutes = sum(int(number) * _MINUTES[unit.lower()] for number, unit in _PART.findall(text))
    return timedelta(minutes=minutes) or None
