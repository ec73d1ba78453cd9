"""Sentry's `Link` header: both directions are always there, `results` says whether anything is."""

from __future__ import annotations

import re

_LINK = re.compile(r"<[^>]*>\s*((?:;\s*[a-z]+=\"[^\"]*\"\s*)+)")
_PARAMETER = re.compile(r"([a-z]+)=\"([^\"]*)\"")


def next_cursor(header: str | None) -> str | None:
    """The cursor of the next page, or None when this was the last one."""
    for link in _LINK.finditer(header or ""):
        parameters = dict(_PARAMETER.findall(link[1]))
        if parameters.get("rel") == "next" and parameters.get("results") == "true":
            return parameters.get("cursor") or None
    return None
