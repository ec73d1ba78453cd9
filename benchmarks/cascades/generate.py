"""Streams by seed: what was delivered, the catalogue people have of the world, and the truth."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import yaml

from benchmarks.cascades.deliveries import Json, deliveries
from benchmarks.cascades.settings import Setting
from benchmarks.cascades.simulation import play
from benchmarks.cascades.topologies import PUBLISHED, Topology, layered

START = datetime(2026, 11, 3, 14, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Case:
    """One stream. `catalog` is the text of a `pilot.yml`, or None where there is none."""

    id: str
    lines: list[Json]
    catalog: str | None
    issues: dict[str, str]
    roots: dict[str, str]

    @property
    def truth(self) -> dict[str, Any]:
        return {"issues": self.issues, "roots": self.roots}


def generate(setting: Setting, seeds: range) -> Iterator[Case]:
    """Streams in which nothing was reported are left out."""
    for seed in seeds:
        rng = random.Random(f"{setting.name} {seed}")
        topology = _topology(rng, setting)
        start = START + timedelta(minutes=rng.randint(0, 10_000))
        stream = play(rng, setting, topology, start)
        if not stream.errors:
            continue
        yield Case(
            id=f"{setting.name} #{seed}",
            lines=deliveries(rng, setting, stream),
            catalog=_catalog(rng, setting, topology) if setting.catalog else None,
            issues={error.issue_id: error.incident for error in stream.errors},
            roots=stream.roots,
        )


def _topology(rng: random.Random, setting: Setting) -> Topology:
    if setting.published:
        return rng.choice(PUBLISHED)
    crossing = 2 * setting.scale if setting.entangled else 0
    return layered(rng, services=27 * setting.scale, stores=6 * setting.scale, crossing=crossing)


def _catalog(rng: random.Random, setting: Setting, topology: Topology) -> str:
    services: dict[str, Json] = {}
    for service, others in topology.depends_on.items():
        kept = [other for other in others if rng.random() >= setting.missing]
        wrong = [other for other in topology.services if rng.random() < setting.wrong * len(others) / 30]
        kept += [other for other in wrong if other != service and other not in kept]
        services[service] = {"depends_on": kept} if kept else {}
    return yaml.safe_dump({"services": services}, sort_keys=True)
