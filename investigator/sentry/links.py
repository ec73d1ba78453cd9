"""What Sentry's addresses say: organization and project are often found nowhere else in an event."""

from __future__ import annotations

import re
from typing import NamedTuple

from investigator.sentry.coerce import identifier

_SLUG = r"([A-Za-z0-9][A-Za-z0-9_-]*)"
_PROJECT = re.compile(rf"/projects/{_SLUG}/{_SLUG}/")
_ORGANIZATION = re.compile(rf"/organizations/{_SLUG}/")
_ISSUE = re.compile(r"/(?:issues|groups?)/(\d+)(?:/|$|\?)")
_LEGACY = re.compile(rf"^https?://[^/]+/{_SLUG}/{_SLUG}/issues/")
_CUSTOMER_DOMAIN = re.compile(rf"^https?://{_SLUG}\.sentry\.io/", re.IGNORECASE)
_REGIONS = ("us", "de", "www")


class Whereabouts(NamedTuple):
    organization: str | None = None
    project: str | None = None  # slug
    issue_id: str | None = None


def whereabouts(*addresses: object) -> Whereabouts:
    """Put together what these addresses tell, earlier ones first; anything that is no text is passed over."""
    found = Whereabouts()
    for address in addresses:
        if isinstance(address, str):
            told = _read(address)
            found = Whereabouts(*(known or new for known, new in zip(found, told, strict=True)))
    return found


def _read(address: str) -> Whereabouts:
    issue = _ISSUE.search(address)
    issue_id = identifier(issue[1]) if issue else None
    if match := _PROJECT.search(address):
        return Whereabouts(match[1], match[2], issue_id)
    if match := _ORGANIZATION.search(address):
        return Whereabouts(match[1], None, issue_id)
    if (match := _CUSTOMER_DOMAIN.search(address)) and match[1].lower() not in _REGIONS:
        return Whereabouts(match[1], None, issue_id)
    if (match := _LEGACY.search(address)) and match[1] != "api":
        return Whereabouts(match[1], match[2], issue_id)
    return Whereabouts(issue_id=issue_id)
