"""What people type to name a Sentry issue: its number, its short id, or its address. Pure."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urlsplit

from investigator.models.base import Value

_NUMBER = re.compile(r"^\d{1,20}$")
_SHORT_ID = re.compile(r"^[A-Z0-9][A-Z0-9_-]*-[A-Z0-9]+$", re.IGNORECASE)
_IN_PATH = re.compile(r"/issues/([^/]+)")


class Reference(Value):
    """`value` is an issue id, or a short id in capitals that Sentry has yet to resolve."""

    kind: Literal["issue_id", "short_id"]
    value: str


def parse_reference(text: str) -> Reference | None:
    """Understand `1234`, `SHOP-4F`, or a Sentry address, as Slack passes it on (`<https://…|label>`)."""
    text = text.strip().strip("<>").partition("|")[0].strip("`*_ ")
    if text.startswith(("http://", "https://")):
        found = _IN_PATH.search(urlsplit(text).path)
        text = found.group(1) if found else ""
    if _NUMBER.match(text):
        return Reference(kind="issue_id", value=text)
    if _SHORT_ID.match(text):
        return Reference(kind="short_id", value=text.upper())
    return None
