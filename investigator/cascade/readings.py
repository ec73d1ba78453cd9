"""The exceptions of one event read together: what one leaves out, its neighbours in the chain say. Pure.

A driver wraps what the socket said: the cause knows the symptom, the wrapper which system and which address.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from investigator.cascade.addresses import Address, addresses_in, database_in
from investigator.cascade.said import Said
from investigator.cascade.services import services_in
from investigator.cascade.symptoms import is_out_of_reach, symptom_of
from investigator.cascade.systems import system_at, system_named, system_of
from investigator.models.cascade import Symptom, Target, TargetKind

_TIMID = ("rejected", "garbage")  # too common among ordinary errors to count without a driver that says it
_WITH_DATABASES = ("postgres", "mysql", "sqlserver", "mongodb")


class Reading(NamedTuple):
    """One exception; `symptom` and `system` may come from its neighbours in the chain."""

    said: Said
    symptom: Symptom | None
    system: TargetKind | None

    @property
    def failed(self) -> bool:
        """Its own words say that a call to another system went wrong."""
        own = _symptom(self.said)
        return own is not None and (own not in _TIMID or self.system is not None)


def readings_of(said: Sequence[Said]) -> list[Reading]:
    """`said` has the cause first."""
    symptoms = [symptom_of(one.text) for one in said]
    systems = [system_of(one) for one in said]
    return [
        Reading(
            one,
            symptoms[place] or _nearest(symptoms, place) or _symptom(one),
            _specific(systems[place:]) or _specific(systems[:place][::-1]) or _any(systems[place:]),
        )
        for place, one in enumerate(said)
    ]


def targets_of(reading: Reading) -> Iterator[Target]:
    """What this exception names; a system without a name only where its own words say that it failed."""
    said, symptom, system = reading
    if symptom is None or (symptom in _TIMID and system is None):
        return
    addresses = addresses_in(said.text)
    for address in addresses:
        yield _target(address, system, symptom, said)
    services = [] if addresses else list(services_in(said.text))
    for name in services:
        yield Target(kind="service", name=name, symptom=symptom)
    if not addresses and not services and reading.failed and system not in (None, "service"):
        yield Target(kind=system, database=_database(system, said), symptom=symptom)


def _symptom(said: Said) -> Symptom | None:
    return symptom_of(said.text) or ("unreachable" if is_out_of_reach(said.text) else None)


def _nearest(symptoms: Sequence[Symptom | None], place: int) -> Symptom | None:
    """Of the causes first, the nearest; then of what was made of it."""
    causes, rest = symptoms[:place][::-1], symptoms[place + 1 :]
    return next((symptom for symptom in (*causes, *rest) if symptom), None)


def _specific(systems: Sequence[TargetKind | None]) -> TargetKind | None:
    return next((system for system in systems if system not in (None, "service")), None)


def _any(systems: Sequence[TargetKind | None]) -> TargetKind | None:
    return next((system for system in systems if system), None)


def _target(address: Address, system: TargetKind | None, symptom: Symptom, said: Said) -> Target:
    kind = _kind(address, system)
    database = address.database or _database(kind, said)
    return Target(kind=kind, name=address.host, port=address.port, database=database, symptom=symptom)


def _kind(address: Address, system: TargetKind | None) -> TargetKind:
    """By its scheme, by who speaks of it, by its port, by its name; “host” when nothing tells."""
    by_scheme = None if address.kind in ("host", "service") else address.kind
    by_driver = None if system == "service" else system
    by_place = system_at(address.port) or system_named(address.host)
    over_http = system is not None and by_place != "elasticsearch"
    return by_scheme or by_driver or (None if over_http else by_place) or address.kind or system or "host"


def _database(kind: TargetKind | None, said: Said) -> str | None:
    return database_in(said.text) if kind in _WITH_DATABASES else None
