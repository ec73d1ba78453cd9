"""What each tie between a commit and a crash is worth, in log-odds against an innocent commit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Feature = Literal[
    "line", "near", "function", "file", "share", "folder", "callee", "caller",
    "below", "imported", "unguarded", "assigned", "numbers", "value",
    "moved", "gone", "defined", "mentioned", "words", "source", "said",
    "files", "harmless", "cosmetic", "undone", "revert", "revert_here",
    "after", "recent", "deployed", "outage", "dependency",
]  # fmt: skip

WEIGHTS: Mapping[Feature, float] = {
    "line": 3.0,
    "near": 1.0,
    "function": 1.5,
    "file": 1.7,
    "share": 0.8,
    "folder": 0.3,
    "callee": 1.3,
    "caller": 0.2,
    "below": 1.8,
    "imported": 0.7,
    "unguarded": 1.5,
    "assigned": 0.3,
    "numbers": -1.5,
    "value": 2.2,
    "moved": 4.3,
    "gone": 2.8,
    "defined": 2.0,
    "mentioned": 1.8,
    "words": 1.6,
    "source": 0.6,
    "said": 1.3,
    "files": -1.0,
    "harmless": -3.0,
    "cosmetic": -2.0,
    "undone": -3.0,
    "revert": 0.3,
    "revert_here": -1.0,
    "after": -6.0,
    "recent": 1.0,
    "deployed": 0.8,
    "outage": 4.6,
    "dependency": 3.0,
}

# Log-odds of "none of these" against an innocent commit of the range.
NONE_BIAS = 3.4
NONE_PER_LOG_COMMITS = 0.35
NONE_FRESH_BEFORE = 5.5  # when a line of the trace was changed shortly before the range
NONE_OUTAGE = 2.8
NONE_OUTAGE_TOUCHED = 1.0  # instead, when a commit changed the very thing that failed
PLACE_IN_OUTAGE = 0.4  # what the place of a change is worth when something outside failed
PLACE_OF_NUMBERS = 0.3  # when nothing but numbers was changed there
NONE_NO_FRAME = 0.5
