"""Splits alerts into incidents: the hypotheses that together explain all of them best. Pure."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import count

from investigator.cascade.atoms import atoms
from investigator.cascade.hypotheses import Hypotheses
from investigator.cascade.members import Members, members_of, together
from investigator.cascade.scene import Scene
from investigator.models.cascade import Alert

_ROUNDS = 3  # of moving alerts between incidents and joining again
_LOOSE = 48  # parts that are weighed against each other at once
_TRIED = 8  # roots looked at closely for two clusters together


class Cluster:
    """Alerts that may be one incident. Nobody changes a cluster; what it tells is worked out once."""

    def __init__(self, members: Members, hypotheses: Hypotheses, explained: Mapping[str, float]) -> None:
        """`explained`: root → how likely it makes the alerts, each by itself."""
        self.members = members
        self.hypotheses = hypotheses
        self.explained = explained
        self.most = max(explained.values())

    @cached_property
    def best(self) -> tuple[float, str]:
        """The likeliest root after the total, which comes first."""
        return self._likeliest(self.members, self.explained, 3 * _TRIED)

    def _likeliest(self, members: Members, explained: Mapping[str, float], tried: int) -> tuple[float, str]:
        """A root that cannot be the likeliest any more is not looked at closely."""
        hypotheses, services = self.hypotheses, members.services
        worth = [(likely + hypotheses.prior(root, services), root) for root, likely in explained.items()]
        best = (float("-inf"), "")
        for most, root in heapq.nlargest(tried, worth):
            if most < best[0]:
                break
            best = max(best, (hypotheses.total(root, members, explained[root]), root))
        return best

    def gain(self, other: Cluster) -> float:
        """What is gained by taking both for one incident, never less than 0."""
        wanted = self.best[0] + other.best[0] + self.hypotheses.scene.weights.margin
        least = wanted + self.hypotheses.cheapest
        if self.most + other.most <= least:
            return 0.0
        few, many = sorted((self.explained, other.explained), key=len)
        both = {
            root: total
            for root, likely in few.items()
            if root in many and (total := likely + many[root]) > least
        }
        if not both:
            return 0.0
        return max(self._likeliest(self._members_with(other), both, _TRIED)[0] - wanted, 0.0)

    def joined(self, other: Cluster) -> Cluster:
        explained = {
            root: sum(
                each.explained[root]
                if root in each.explained
                else self.hypotheses.explained_all(each.members.said, root)
                for each in (self, other)
            )
            for root in self.explained.keys() | other.explained.keys()
        }
        return Cluster(self._members_with(other), self.hypotheses, explained)

    def _members_with(self, other: Cluster) -> Members:
        return together(self.members, other.members, self.hypotheses.scene.weights.calm)


def _cluster(alerts: Sequence[Alert], hypotheses: Hypotheses) -> Cluster:
    members = members_of(alerts, hypotheses.scene)
    roots = hypotheses.roots(members.said)
    explained = {root: hypotheses.explained_all(members.said, root) for root in roots}
    return Cluster(members, hypotheses, explained)


def clusters(hypotheses: Hypotheses) -> list[list[Alert]]:
    """Split the alerts of a scene into incidents; the same alerts give the same split in whatever order.

    But in a storm, what was one incident at the last look starts as one, and the rest is added a few at a
    time: a look costs little more than the one before, and there what came earlier has some say.
    """
    parts = atoms(hypotheses.scene)
    held, loose = _held(parts, hypotheses.scene) if len(parts) > _LOOSE else ([], parts)
    found = [_cluster(part, hypotheses) for part in held]
    for start in range(0, len(loose), _LOOSE):
        more = [_cluster(part, hypotheses) for part in loose[start : start + _LOOSE]]
        found = _agglomerated([*found, *more])
    for _ in range(_ROUNDS):
        moved = _agglomerated(_moved(found, hypotheses))
        if _worth(moved) <= _worth(found) + 1e-9:
            break
        found = moved
    return [cluster.members.in_order for cluster in found]


def _held(parts: Sequence[list[Alert]], scene: Scene) -> tuple[list[list[Alert]], list[list[Alert]]]:
    """What was one incident, and the parts that are new or were in several."""
    owner = {alert.key: group.incident_id for group in scene.board.groups for alert in group.alerts}
    held: dict[str, list[Alert]] = {}
    loose = []
    for part in parts:
        incidents = {owner[alert.key] for alert in part if alert.key in owner}
        if len(incidents) == 1:
            held.setdefault(incidents.pop(), []).extend(part)
        else:
            loose.append(part)
    return list(held.values()), loose


def _worth(found: Sequence[Cluster]) -> float:
    return sum(cluster.best[0] for cluster in found)


def _agglomerated(found: Sequence[Cluster]) -> list[Cluster]:
    """Join the two that gain most by it until nothing gains."""
    alive, numbers = dict(enumerate(found)), count(len(found))
    heap: list[tuple[float, int, int]] = []
    rooted = defaultdict[str, list[int]](list)

    def weigh(one: int) -> None:
        """Against those before it that a root explains together with it: others gain nothing."""
        for other in {each for root in alive[one].explained for each in rooted[root]} & alive.keys():
            gain = alive[one].gain(alive[other])
            if gain > 0:
                heapq.heappush(heap, (-gain, one, other))
        for root in alive[one].explained:
            rooted[root].append(one)

    for one in alive:
        weigh(one)
    while heap:
        _, one, other = heapq.heappop(heap)
        if one not in alive or other not in alive:
            continue
        new = next(numbers)
        alive[new] = alive.pop(one).joined(alive.pop(other))
        weigh(new)
    return list(alive.values())


def _moved(found: Sequence[Cluster], hypotheses: Hypotheses) -> list[Cluster]:
    """Each alert goes to the incident whose root explains it best, given who else is there."""
    scene = hypotheses.scene
    weights = scene.weights
    placed: list[list[Alert]] = [[] for _ in found]
    homes = {alert.key: index for index, cluster in enumerate(found) for alert in cluster.members.alerts}
    times = [sorted(scene.seconds[alert.key] for alert in cluster.members.alerts) for cluster in found]
    rooted = defaultdict[str, list[int]](list)
    for index, cluster in enumerate(found):
        rooted[cluster.best[1]].append(index)

    def farther(index: int, at: float, *, home: bool) -> float:
        gap = _gap(at, times[index], home=home)
        return weights.incident if gap is None else max(gap - weights.calm, 0.0) / 60 * weights.per_minute

    for alert in scene.alerts:
        at, said, home = scene.seconds[alert.key], scene.said[alert.key], homes[alert.key]
        staying = hypotheses.explained(said, found[home].best[1]) - farther(home, at, home=True)
        best = (staying, True, home)
        alone = not scene.on.get(said.service) and staying >= hypotheses.stranger(said)
        for index in rooted[said.service] if alone else range(len(found)):
            likely = hypotheses.explained(said, found[index].best[1])
            if index != home and likely >= best[0]:
                best = max(best, (likely - farther(index, at, home=False), False, index))
        placed[best[2]].append(alert)
    return [_cluster(alerts, hypotheses) for alerts in placed if alerts]


def _gap(at: float, times: Sequence[float], *, home: bool) -> float | None:
    """Seconds to the nearest of an incident's other alerts; None: it has no other."""
    place = bisect_left(times, at)
    near = [times[each] for each in (place - 1, place + home) if 0 <= each < len(times)]
    return min((abs(other - at) for other in near), default=None)
