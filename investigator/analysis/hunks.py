"""Which lines a unified diff shows. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


def spans(patch: str) -> Iterator[tuple[int, int]]:
    """(first, last) line of each hunk, before and after the change."""
    for hunk in _HUNK.finditer(patch):
        for start, length in ((hunk[1], hunk[2]), (hunk[3], hunk[4])):
            first, count = int(start), int(length or 1)
            if count:
                yield first, first + count - 1
