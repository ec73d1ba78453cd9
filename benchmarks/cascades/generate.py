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
from benchmarks.cascades.simulation import Error, Stream, play
from benchmarks.cascades.topologies import PUBLISHED, Topology, layered
from benchmarks.cascades.tracing import shared_traces

START = datetime(2026, 11, 3, 14, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Case:
    """One stream. `catalog` is the text of a `pilot.yml`, or None where there is none.

    `told` are the incidents whose root sends an alert or is named in one: of others no alert says what it is.
    """

    id: str
    lines: list[Json]
    catalog: str | None
    issues: dict[str, str]
    roots: dict[str, str]
    told: frozenset[str]

    @property
    def truth(self) -> dict[str, Any]:
        return {"issues": self.issues, "roots": self.roots}


def generate(setting: Setting, seeds: range) -> Iterator[Case]:
    """Streams in which nothing was reported are left out."""
    for seed in seeds:
        rng = random.Random(f"{setting.streams_of or setting.name} {seed}")
        topology = _topology(rng, setting)
        start = START + timedelta(minutes=rng.randint(0, 10_000))
        stream = play(rng, setting, topology, start)
        if not stream.errors:
            continue
        traces = shared_traces(random.Random(f"traces {seed}"), setting, stream)
        yield Case(
            id=f"{setting.name} #{seed}",
            lines=deliveries(rng, setting, stream, traces),
            catalog=catalog_text(rng, setting, topology) if setting.catalog else None,
            issues={error.issue_id: error.incident for error in stream.errors},
            roots={
                incident: root if setting.catalog else _as_named(root, stream)
                for incident, root in stream.roots.items()
            },
            told=frozenset(error.incident for error in stream.errors if _tells_root(error, stream)),
        )


def _tells_root(error: Error, stream: Stream) -> bool:
    root = stream.roots[error.incident]
    host = stream.hosts.get(root, root)
    return error.service == root or any(host in link.value for link in error.chain)


def _as_named(root: str, stream: Stream) -> str:
    """Where no catalogue says what stores are called, a store is what errors call it."""
    kind, colon, _ = root.partition(":")
    return f"{kind}:{stream.hosts[root].lower()}" if colon and root in stream.hosts else root


def _topology(rng: random.Random, setting: Setting) -> Topology:
    if setting.published:
        return rng.choice(PUBLISHED)
    crossing = 2 * setting.scale if setting.entangled else 0
    return layered(rng, services=27 * setting.scale, stores=6 * setting.scale, crossing=crossing)


def catalog_text(rng: random.Random, setting: Setting, topology: Topology) -> str:
    """A `pilot.yml`, as wrong as the setting has it.

    Made-up edges only go down, because a catalogue with a circle is refused.
    """
    rank = {node: len(topology.below(node)) for node in topology.services}
    services: dict[str, Json] = {}
    for service, others in topology.depends_on.items():
        kept = [other for other in others if rng.random() >= setting.missing]
        lower = [other for other in topology.services if rank[other] < rank[service] and other not in others]
        made_up = rng.sample(
            lower, min(len(lower), max(round(setting.wrong * len(others) + rng.random() - 0.5), 0))
        )
        services[service] = {"depends_on": [*kept, *made_up]} if kept or made_up else {}
    return yaml.safe_dump({"services": services}, sort_keys=True)
