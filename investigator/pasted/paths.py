"""Whose code a file of a stack trace is, by where it lies."""

from __future__ import annotations

import re

_LIBRARIES = re.compile(
    r"site-packages|dist-packages|/lib/python|node_modules|^node:|^internal/|/gems/|/ruby/|/pkg/mod/"
    r"|/go/src/(?:runtime|net|internal)/|^<|^java\.|^javax\.|^jdk\.|^sun\.|^kotlin\.|^org\.springframework\."
)


def is_ours(place: str) -> bool:
    """False for what looks like a library or the language's own; `place` is a path or a module."""
    return not _LIBRARIES.search(place)
