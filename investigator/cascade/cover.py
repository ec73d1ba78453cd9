"""Splits alerts into incidents: the hypotheses that together explain all of them best. Pure."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count

from investigator.cascade.atoms import atoms
from investigator.cascade.hypotheses import Hypotheses
from investigator.models.cascade import Alert

_ROUNDS = 3  # of moving alerts between incidents and joining again
_TRIED = 4  # roots looked at closely for two clusters together
_HOPE = 14.0  # what joining may gain at most beside what it explains


@dataclass(frozen=True)
class Cluster:
    """Alerts that may be one incident, in the order of time."""

    alerts: tuple[Alert, ...]
    hypotheses: Hypotheses

    @cached_property
    def explained(self) -> dict[str, float]:
        """Root → how likely it makes the alerts, each by itself."""
        said = [self.hypotheses.scene.said[alert.key] for alert in self.alerts]
        return {
            root: sum(self.hypotheses.explained(one, root) for one in said)
            for root in self.hypotheses.roots(self.alerts)
        }

    @cached_property
    def best(self) -> tuple[float, str]:
        """The likeliest root after the total, which comes first."""
        return max(self._totals(self.explained))

    def _totals(self, explained: dict[str, float]) -> list[tuple[float, str]]:
        closely = heapq.nlargest(3 * _TRIED, explained, key=lambda root: (explained[root], root))
        return [(self.hypotheses.total(root, self.alerts), root) for root in closely]

    def joined(self, other: Cluster) -> tuple[float, Cluster] | None:
        """What is gained by taking both for one incident, if that can be anything."""
        mine, others = self.explained, other.explained
        hopeless = self.best[0] + other.best[0] - _HOPE
        both = {root: mine[root] + others[root] for root in mine.keys() & others.keys()}
        roots = [root for root in both if both[root] > hopeless]
        if not roots:
            return None
        alerts = sorted((*self.alerts, *other.alerts), key=lambda alert: (alert.at, alert.key))
        closely = heapq.nlargest(_TRIED, roots, key=lambda root: (both[root], root))
        total = max(self.hypotheses.total(root, alerts) for root in closely)
        gain = total - self.best[0] - other.best[0] - self.hypotheses.scene.weights.margin
        return gain, Cluster(tuple(alerts), self.hypotheses)


def clusters(hypotheses: Hypotheses) -> list[list[Alert]]:
    """Split the alerts of a scene into incidents; the same alerts give the same split in whatever order."""
    found = _agglomerated([Cluster(tuple(atom), hypotheses) for atom in atoms(hypotheses.scene)])
    for _ in range(_ROUNDS):
        moved = _agglomerated(_moved(found, hypotheses))
        if _worth(moved) <= _worth(found) + 1e-9:
            break
        found = moved
    return [list(cluster.alerts) for cluster in found]


def _worth(found: Sequence[Cluster]) -> float:
    return sum(cluster.best[0] for cluster in found)


def _agglomerated(found: Sequence[Cluster]) -> list[Cluster]:
    """Join the two that gain most by it until nothing gains."""
    alive, numbers = dict(enumerate(found)), count(len(found))
    heap: list[tuple[float, int, int, Cluster]] = []

    def weigh(one: int, other: int) -> None:
        joined = alive[one].joined(alive[other])
        if joined and joined[0] > 0:
            heapq.heappush(heap, (-joined[0], one, other, joined[1]))

    for one in alive:
        for other in range(one):
            weigh(one, other)
    while heap:
        _, one, other, cluster = heapq.heappop(heap)
        if one not in alive or other not in alive:
            continue
        del alive[one], alive[other]
        new = next(numbers)
        alive[new] = cluster
        for each in list(alive):
            if each != new:
                weigh(new, each)
    return list(alive.values())


def _moved(found: Sequence[Cluster], hypotheses: Hypotheses) -> list[Cluster]:
    """Each alert goes to the incident whose root explains it best, given who else is there."""
    said, weights = hypotheses.scene.said, hypotheses.scene.weights
    placed: list[list[Alert]] = [[] for _ in found]
    homes = {alert.key: index for index, cluster in enumerate(found) for alert in cluster.alerts}
    for alert in hypotheses.scene.alerts:
        best = (float("-inf"), False, 0)
        for index, cluster in enumerate(found):
            likely = hypotheses.explained(said[alert.key], cluster.best[1])
            others = [abs(other.at - alert.at) for other in cluster.alerts if other.key != alert.key]
            if others:
                gap = min(others).total_seconds() - weights.calm
                likely -= max(gap, 0.0) / 60 * weights.per_minute
            else:
                likely -= weights.incident
            best = max(best, (likely, homes[alert.key] == index, index))
        placed[best[2]].append(alert)
    return [Cluster(tuple(alerts), hypotheses) for alerts in placed if alerts]
