"""Addresses of Sentry issues in what people write. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from investigator.references import parse_reference

_ADDRESS = re.compile(r"https?://[^\s<>|\"'`]{1,2000}")


def issue_link(text: str, sentry_url: str) -> str | None:
    """The first address of an issue in Sentry in `text`; None when there is none."""
    for address in _ADDRESS.findall(text):
        if is_ours(address, sentry_url) and parse_reference(address):
            return str(address)
    return None


def is_ours(address: str, sentry_url: str) -> bool:
    """Is this an address of a Sentry? Its API and pages may differ in name (us.sentry.io, acme.sentry.io)."""
    host, own = urlsplit(address).hostname or "", urlsplit(sentry_url).hostname
    return host == own or "sentry" in host.split(".")
