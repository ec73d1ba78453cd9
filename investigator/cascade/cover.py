"""Splits alerts into incidents: the hypotheses that together explain all of them best. Pure."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from itertools import count

from investigator.cascade.atoms import atoms
from investigator.cascade.hypotheses import Hypotheses, Members
from investigator.models.cascade import Alert

_ROUNDS = 3  # of moving alerts between incidents and joining again
_TRIED = 8  # roots looked at closely for two clusters together


class Cluster:
    """Alerts that may be one incident. Nobody changes a cluster; what it tells is worked out once."""

    def __init__(self, alerts: Sequence[Alert], hypotheses: Hypotheses) -> None:
        self.members = Members(alerts)
        self.hypotheses = hypotheses

    @cached_property
    def explained(self) -> dict[str, float]:
        """Root → how likely it makes the alerts, each by itself."""
        times = Counter(self.hypotheses.scene.said[alert.key] for alert in self.members.alerts)
        return {
            root: sum(number * self.hypotheses.explained(said, root) for said, number in times.items())
            for root in self.hypotheses.roots(self.members.alerts)
        }

    @cached_property
    def best(self) -> tuple[float, str]:
        """The likeliest root after the total, which comes first."""
        return self._likeliest(self.members, self.explained, 3 * _TRIED)

    def _likeliest(self, members: Members, explained: dict[str, float], tried: int) -> tuple[float, str]:
        worth = {root: explained[root] + self.hypotheses.prior(root, members.services) for root in explained}
        closely = heapq.nlargest(tried, worth, key=lambda root: (worth[root], root))
        return max((self.hypotheses.total(root, members, explained[root]), root) for root in closely)

    def joined(self, other: Cluster) -> tuple[float, Cluster] | None:
        """What is gained by taking both for one incident, if that is anything."""
        mine, others = self.explained, other.explained
        wanted = self.best[0] + other.best[0] + self.hypotheses.scene.weights.margin
        least = wanted + self.hypotheses.cheapest
        both = {
            root: total
            for root in mine.keys() & others.keys()
            if (total := mine[root] + others[root]) > least
        }
        if not both:
            return None
        alerts = sorted(
            (*self.members.alerts, *other.members.alerts), key=lambda alert: (alert.at, alert.key)
        )
        gain = self._likeliest(Members(alerts), both, _TRIED)[0] - wanted
        return (gain, Cluster(alerts, self.hypotheses)) if gain > 0 else None


def clusters(hypotheses: Hypotheses) -> list[list[Alert]]:
    """Split the alerts of a scene into incidents; the same alerts give the same split in whatever order."""
    found = _agglomerated([Cluster(atom, hypotheses) for atom in atoms(hypotheses.scene)])
    for _ in range(_ROUNDS):
        moved = _agglomerated(_moved(found, hypotheses))
        if _worth(moved) <= _worth(found) + 1e-9:
            break
        found = moved
    return [list(cluster.members.alerts) for cluster in found]


def _worth(found: Sequence[Cluster]) -> float:
    return sum(cluster.best[0] for cluster in found)


def _agglomerated(found: Sequence[Cluster]) -> list[Cluster]:
    """Join the two that gain most by it until nothing gains."""
    alive, numbers = dict(enumerate(found)), count(len(found))
    heap: list[tuple[float, int, int, Cluster]] = []

    def weigh(one: int, other: int) -> None:
        joined = alive[one].joined(alive[other])
        if joined:
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
    times = [[alert.at for alert in cluster.members.alerts] for cluster in found]
    homes = {alert.key: index for index, cluster in enumerate(found) for alert in cluster.members.alerts}
    for alert in hypotheses.scene.alerts:
        best = (float("-inf"), False, 0)
        for index, cluster in enumerate(found):
            likely = hypotheses.explained(said[alert.key], cluster.best[1])
            gap = _gap(alert, times[index], home=homes[alert.key] == index)
            if gap is None:
                likely -= weights.incident
            else:
                likely -= max(gap - weights.calm, 0.0) / 60 * weights.per_minute
            best = max(best, (likely, homes[alert.key] == index, index))
        placed[best[2]].append(alert)
    return [Cluster(alerts, hypotheses) for alerts in placed if alerts]


def _gap(alert: Alert, times: Sequence[datetime], *, home: bool) -> float | None:
    """Seconds to the nearest of an incident's other alerts; None: it has no other."""
    place = bisect_left(times, alert.at)
    near = [times[each] for each in (place - 1, place + home) if 0 <= each < len(times)]
    return min((abs((other - alert.at).total_seconds()) for other in near), default=None)
