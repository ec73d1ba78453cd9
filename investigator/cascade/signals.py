"""What an error says beyond itself: which other systems failed it, and how. Pure, and raises on no text."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from investigator.cascade.addresses import Address, addresses_in, database_in, is_ip
from investigator.cascade.consequences import is_consequence
from investigator.cascade.said import Said, sayings
from investigator.cascade.signature import signature_of
from investigator.cascade.symptoms import symptom_of
from investigator.cascade.systems import system_at, system_of
from investigator.models.cascade import Signals, Symptom, Target, TargetKind
from investigator.models.sentry import SentryEvent, SentryIssue

_MOST = 12
_TIMID = ("rejected", "garbage", "overloaded")  # too common among ordinary errors without a driver or address


def signals_of(event: SentryEvent | None, issue: SentryIssue | None) -> Signals:
    """Read the event; where there is none, what the issue's title says.

    The address the failing program was asked at, and its own host, are no targets.
    """
    said = list(sayings(event, issue))
    own = _own_addresses(event)
    found = [target for one in said for target in _targets(one) if not _is_own(target, own)]
    targets = _merged(found)
    consequence = any(is_consequence(one, failed=_failed(one)) for one in said)
    return Signals(
        targets=targets,
        signature=signature_of(event, issue),
        dependent=consequence and not targets,
        trace_id=event.trace_id if event else None,
    )


def _targets(said: Said) -> Iterator[Target]:
    symptom = symptom_of(said.text)
    if symptom is None:
        return
    system = system_of(said)
    addresses = addresses_in(said.text) if system or symptom not in _TIMID else ()
    for address in addresses:
        yield _target(address, system, symptom, said)
    if not addresses and system not in (None, "service"):
        yield Target(kind=system, database=database_in(said.text), symptom=symptom)


def _target(address: Address, system: TargetKind | None, symptom: Symptom, said: Said) -> Target:
    kind = _kind(address, system)
    database = address.database
    if database is None and kind in ("postgres", "mysql", "sqlserver", "mongodb"):
        database = database_in(said.text)
    return Target(kind=kind, name=address.host, port=address.port, database=database, symptom=symptom)


def _kind(address: Address, system: TargetKind | None) -> TargetKind:
    if address.kind not in (None, "host", "service"):
        return address.kind
    told = system if system not in (None, "service") else None
    guessed = told or address.kind or system_at(address.port) or system
    return guessed or ("host" if is_ip(address.host) or address.port else "service")


def _failed(said: Said) -> bool:
    symptom = symptom_of(said.text)
    return symptom is not None and (symptom not in _TIMID or system_of(said) is not None)


def _merged(found: list[Target]) -> tuple[Target, ...]:
    """Each system once, as the exception nearest the cause has it; nameless ones only if no name is known."""
    kept: dict[tuple[str, str | None, int | None], Target] = {}
    for target in found:
        kept.setdefault((target.kind, target.name, target.port), target)
    named = {target.kind for target in kept.values() if target.name}
    return tuple(one for one in kept.values() if one.name or one.kind not in named)[:_MOST]


def _own_addresses(event: SentryEvent | None) -> tuple[tuple[str, int | None], ...]:
    if event is None:
        return ()
    own: list[tuple[str, int | None]] = []
    if event.server_name:
        own.append((event.server_name.lower(), None))
    if event.request_url:
        try:
            parts = urlsplit(event.request_url)
            own.append(((parts.hostname or "").lower(), parts.port or {"https": 443}.get(parts.scheme, 80)))
        except ValueError:  # not an address at all
            return tuple(own)
    return tuple(own)


def _is_own(target: Target, own: tuple[tuple[str, int | None], ...]) -> bool:
    if target.kind not in ("service", "host") or target.name is None:
        return False
    return any(
        target.name.lower() == host and (port is None or target.port in (None, port)) for host, port in own
    )
