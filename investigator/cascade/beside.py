"""What an event says around its exceptions: requests that failed, the peer, and who it is itself. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from investigator.models.cascade import Target
from investigator.models.sentry import SentryEvent

_NEWEST = 10  # breadcrumbs before the crash: older requests have been coped with
_PEER_TAGS = ("peer.service", "server.address", "net.peer.name", "db.instance")
_USUAL_PORTS = {"http": 80, "https": 443}


class Place(NamedTuple):
    host: str
    port: int | None


def failed_requests(event: SentryEvent) -> Iterator[Target]:
    """The requests among the newest breadcrumbs that were answered with 5xx."""
    for crumb in event.breadcrumbs[-_NEWEST:]:
        place = _place(crumb.url or "")
        if place is not None and crumb.status is not None and 500 <= crumb.status < 600:
            yield Target(kind="service", name=place.host, port=place.port, symptom="server_error")


def peers(event: SentryEvent) -> list[str]:
    """Whom the tags say the failed call went to."""
    return [value for name in _PEER_TAGS if (value := event.tag(name))]


def own_places(event: SentryEvent | None) -> list[Place]:
    """The host the program runs on, and the address it was asked at."""
    if event is None:
        return []
    asked = _place(event.request_url or "")
    host = Place(event.server_name.lower(), None) if event.server_name else None
    return [place for place in (host, asked) if place is not None]


def is_own(target: Target, own: list[Place]) -> bool:
    """A store on the same host is another system all the same."""
    if target.kind not in ("service", "host") or target.name is None:
        return False
    name = target.name.lower()
    return any(
        name == place.host and (None in (place.port, target.port) or place.port == target.port)
        for place in own
    )


def _place(url: str) -> Place | None:
    try:
        parts = urlsplit(url)
        port = parts.port or _USUAL_PORTS.get(parts.scheme)
    except ValueError:  # not an address: a text in brackets, a port that is no number
        return None
    return Place(parts.hostname.lower(), port) if parts.hostname else None
