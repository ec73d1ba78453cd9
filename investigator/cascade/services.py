"""Services that an error names in words rather than by an address. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

_NAME = r"['\"`\[]?(?P<name>[A-Za-z][A-Za-z0-9_.-]{1,80}[A-Za-z0-9])['\"`\]]?"
_FAILED = (
    r"(?:is |was |are |has )?(?:currently |temporarily )?(?:unavailable|unreachable|down\b|not responding|"
    r"not available|timed out|(?:returned|responded|answered|failed)(?: with)?(?: an?)?(?: HTTP)?(?: status)?"
    r"(?: code)? ?(?:error|5\d\d|timeout))"
)
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"[Cc]ircuit ?[Bb]reaker (?:for |of )?{_NAME} (?:is |has )?(?:now )?(?:open|OPEN|tripped)",
        rf"[Cc]ircuit (?:for )?{_NAME} is open",
        rf"No instances available for {_NAME}",
        rf"instance for the service:? {_NAME}",
        rf"(?:[Ss]ervice|[Uu]pstream|[Bb]ackend|[Dd]ependency|[Dd]ownstream) {_NAME} {_FAILED}",
        r"(?P<name>[a-z][a-z0-9]{1,40}(?:[-_][a-z0-9]{1,40}){0,5}[-_](?:service|svc|api|gateway)) "
        rf"{_FAILED}",
        rf"{_NAME} (?:responded|replied|answered|returned)(?: with)?(?: HTTP)?(?: status)?(?: code)? 5\d\d\b",
        rf"from {_NAME}: (?:HTTP )?50[0234]$",
        rf"(?:[Cc]all|[Cc]alling|[Rr]equests?|RPC) to {_NAME} (?:timed out|failed|{_FAILED})",
    )
)
_NOBODY = {
    *("a", "an", "api", "backend", "host", "it", "remote", "request", "server", "service", "the", "this"),
    *("upstream", "which", "your"),
}


def services_in(text: str) -> Iterator[str]:
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if match["name"].lower() not in _NOBODY:
                yield match["name"]
