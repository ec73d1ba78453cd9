"""Alerts that may be one incident, summed up: two lots are weighed together without a look at each. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from investigator.cascade.scene import Said, Scene
from investigator.models.cascade import Alert

Run = tuple[float, float]  # from the first to the last of alerts that follow each other without a pause
Fault = tuple[float, str, str]  # when, alert key, signature; of an error that looks like a fault of its own


@dataclass(frozen=True)
class Members:
    """Moments are seconds on the scene's clock.

    `services` is a set of bits. `runs` are apart by more than what costs nothing. `faults` are by service and
    in the order of time. `consequence` is when the first began of the alerts that are no faults of their own.
    """

    alerts: tuple[Alert, ...]  # in any order
    services: int
    said: Mapping[Said, int]  # how many alerts say it
    runs: tuple[Run, ...]
    faults: Mapping[str, tuple[Fault, ...]]
    consequence: float

    @cached_property
    def first_faults(self) -> list[tuple[float, str]]:
        """The two services whose own faults came first: when, and which."""
        return sorted((faults[0][0], service) for service, faults in self.faults.items())[:2]

    def first_beside(self, service: str) -> float | None:
        """When the first alert began that is not a fault of this service's own."""
        others = [at for at, other in self.first_faults if other != service]
        first = min([self.consequence, *others])
        return None if math.isinf(first) else first

    @cached_property
    def in_order(self) -> list[Alert]:
        return sorted(self.alerts, key=lambda alert: (alert.at, alert.key))


def members_of(alerts: Sequence[Alert], scene: Scene) -> Members:
    said, services, runs = Counter[Said](), 0, list[Run]()
    faults: dict[str, list[Fault]] = {}
    consequence = math.inf
    for alert in sorted(alerts, key=lambda alert: (alert.at, alert.key)):
        says, at = scene.said[alert.key], scene.seconds[alert.key]
        said[says] += 1
        services |= scene.bits[says.service]
        runs.append((at, at))
        if says.votes or says.dependent:
            consequence = min(consequence, at)
        else:
            faults.setdefault(says.service, []).append((at, alert.key, alert.signals.signature))
    kept = {service: tuple(each) for service, each in faults.items()}
    return Members(tuple(alerts), services, said, _runs(runs, scene.weights.calm), kept, consequence)


def together(one: Members, other: Members, calm: float) -> Members:
    """`calm`: seconds of a pause that ends no run."""
    faults = dict(one.faults)
    for service, more in other.faults.items():
        faults[service] = tuple(sorted((*faults[service], *more))) if service in faults else more
    said = dict(one.said)
    for says, number in other.said.items():
        said[says] = said.get(says, 0) + number
    return Members(
        one.alerts + other.alerts,
        one.services | other.services,
        said,
        _runs(sorted((*one.runs, *other.runs)), calm),
        faults,
        min(one.consequence, other.consequence),
    )


def _runs(ordered: Sequence[Run], calm: float) -> tuple[Run, ...]:
    found: list[Run] = []
    for begins, ends in ordered:
        if found and begins - found[-1][1] <= calm:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return tuple(found)


def bits(of: int) -> Iterator[int]:
    """The single bits of a set of them."""
    while of:
        lowest = of & -of
        yield lowest
        of ^= lowest
