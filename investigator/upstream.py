"""Which other system an error names, when it is about talking to one. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from investigator.models.sentry import SentryEvent

_ABOUT_TALKING = re.compile(
    r"""connect|timed?[ _-]?out|timeout|refused|reset\ by\ peer|unreachable|unavailable|name\ resolution
    |getaddrinfo|ENOTFOUND|EAI_AGAIN|no\ such\ host|broken\ pipe|\b50[234]\b|bad\ gateway|max\ retries
    |operationalerror|too\ many\ (?:clients|connections)""",
    re.IGNORECASE | re.VERBOSE,
)
_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"
_NAMED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"host\s*=\s*['\"]({_HOST})['\"]\s*,\s*port\s*=\s*(\d+)",
        rf"server at ['\"]({_HOST})['\"](?:[^,]*, port (\d+))?",
        rf"https?://({_HOST})(?::(\d+))?",
        rf"(?:ECONNREFUSED|ETIMEDOUT|ECONNRESET|ENOTFOUND|EAI_AGAIN|dial tcp|connect(?:ing|ion)? to|host)\s+"
        rf"['\"]?({_HOST})(?::(\d+))?",
        rf"\b(?:to|from|with)\s+({_HOST}):(\d+)",
        r"\b((?:\d{1,3}\.){3}\d{1,3}):(\d+)",
    )
)
_NOT_A_HOST = frozenset(
    {"the", "a", "an", "server", "host", "to", "database", "failed", "not", "lookup", "port"}
)
_TEXT_LIMIT = 2_000


def upstream_named(event: SentryEvent | None, depends_on: Sequence[str] = ()) -> str | None:
    """`payments` (one of ours), else `db.internal:5432`, else None.

    Args:
        depends_on: what the catalogue says the service needs, such as `payments` or `postgres:orders`.
    """
    if event is None:
        return None
    said = [f"{error.type or ''} {error.value or ''}"[:_TEXT_LIMIT] for error in reversed(event.exceptions)]
    talk = " ".join(said or [f"{event.title} {event.message}"[:_TEXT_LIMIT]])
    if not _ABOUT_TALKING.search(talk):
        return None
    return _one_of_ours(talk, depends_on) or _host(talk)


def _one_of_ours(talk: str, depends_on: Sequence[str]) -> str | None:
    """By name, else by kind where there is only one of that kind."""
    names = [(each.rpartition(":")[2], each) for each in depends_on]
    kinds = [(each.rpartition(":")[0], each) for each in depends_on if ":" in each]
    told = {each for name, each in names if _says(talk, name)}
    told = told or {each for kind, each in kinds if _says(talk, kind)}
    return told.pop() if len(told) == 1 else None


def _says(talk: str, word: str) -> bool:
    return bool(re.search(rf"\b{re.escape(word)}\b", talk, re.IGNORECASE))


def _host(talk: str) -> str | None:
    for pattern in _NAMED:
        for hit in pattern.finditer(talk):
            host, port = hit[1], hit[2]
            if host.lower() not in _NOT_A_HOST and (port or "." in host or "'" in hit[0] or "//" in hit[0]):
                return f"{host}:{port}" if port else host
    return None
