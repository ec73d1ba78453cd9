"""Crashes that have nothing to do with each other: each in another service, of another kind, in other code.

Had they anything in common, grouping would make one incident of many, and there would be little to count.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

FIRST_ISSUE = 4_000_000
_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
_STRIDE = 7919  # prime, so that neighbours do not look alike and no word comes twice
_FRAMES = 4


def issue_number(number: int) -> str:
    """The id of crash `number`'s issue."""
    return str(FIRST_ISSUE + number)


def word(number: int) -> str:
    """A made-up word, another for each number below 343,000; digits would count for nothing."""
    place, syllables = number * _STRIDE % len(_SYLLABLES) ** 3, []
    for _ in range(3):
        place, syllable = divmod(place, len(_SYLLABLES))
        syllables.append(_SYLLABLES[syllable])
    return "".join(syllables)


def crash(number: int, began: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """The issue as the API shows it, and its event as stored; it names no host, no trace and no release."""
    name, at = word(number), stamp(began)
    failure = {"type": f"{name.capitalize()}Missing", "value": f"{name} was not given to {name[::-1]}"}
    told = {
        "title": f"{failure['type']}: {failure['value']}",
        "culprit": f"{name}.views in {name}_step",
        "level": "error",
        "platform": "python",
        "metadata": {**failure, "filename": f"{name}/views.py", "function": f"{name}_step"},
    }
    project = {"id": str(5_000_000 + number), "name": name, "slug": name, "platform": "python"}
    issue = {
        **told,
        "id": issue_number(number),
        "shortId": f"{name.upper()}-1",
        "project": project,
        "firstSeen": at,
        "lastSeen": at,
    }
    event = {
        **told,
        "type": "error",
        "message": "",
        "project": int(project["id"]),
        "environment": "production",
        "tags": [["environment", "production"]],
        "exception": {"values": [{**failure, "stacktrace": {"frames": _frames(name)}}]},
    }
    return issue, event


def happened(event: Mapping[str, Any], event_id: str, at: datetime) -> dict[str, Any]:
    """The same crash once more."""
    return {**event, "event_id": event_id, "datetime": stamp(at), "timestamp": at.timestamp()}


def stamp(at: datetime) -> str:
    """As Sentry writes moments."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _frames(name: str) -> list[dict[str, Any]]:
    return [
        {
            "filename": f"{name}/step_{step}.py",
            "module": f"{name}.step_{step}",
            "function": f"{name}_{'deeper_' * step}step",
            "lineno": 10 + step,
            "in_app": True,
            "context_line": f"    return {name}({step})",
        }
        for step in range(_FRAMES)
    ]
