"""Splits alerts into incidents: the hypotheses that together explain all of them best. Pure."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from itertools import count

from investigator.cascade.atoms import atoms
from investigator.cascade.cluster import Cluster, cluster_of
from investigator.cascade.hypotheses import Hypotheses
from investigator.cascade.members import members_of
from investigator.cascade.scene import Scene
from investigator.cascade.timing import pause
from investigator.models.cascade import Alert

_ROUNDS = 3  # of moving alerts between incidents and joining again
_LOOSE = 48  # parts that are weighed against each other at once


def clusters(hypotheses: Hypotheses) -> list[list[Alert]]:
    """Split the alerts of a scene into incidents; the same alerts give the same split in whatever order.

    But in a storm, what was one incident at the last look starts as one, and the rest is added a few at a
    time: a look costs little more than the one before, and there what came earlier has some say.
    """
    parts = atoms(hypotheses.scene)
    held, loose = _held(parts, hypotheses.scene) if len(parts) > _LOOSE else ([], parts)
    found = [cluster_of(part, hypotheses, _heads(part, hypotheses)) for part in held]
    for start in range(0, len(loose), _LOOSE):
        more = [cluster_of(part, hypotheses) for part in loose[start : start + _LOOSE]]
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


def _heads(alerts: Sequence[Alert], hypotheses: Hypotheses) -> tuple[str, ...]:
    return hypotheses.heads(members_of(alerts, hypotheses.scene))


def _worth(found: Sequence[Cluster]) -> float:
    return sum(cluster.best[0] for cluster in found)


def _agglomerated(found: Sequence[Cluster]) -> list[Cluster]:
    """Join the two that gain most by it until nothing gains."""
    alive, numbers = dict(enumerate(found)), count(len(found))
    heap: list[tuple[float, int, int]] = []
    rooted = defaultdict[str, list[int]](list)
    entering: set[int] = set()  # those that may have come of another incident, whatever that began with

    def related(one: int) -> set[int]:
        """Those before it with which it may be one incident."""
        found = {each for root in alive[one].explained for each in rooted[root]}
        enters = alive[one].entrance[0] > 0
        others = alive.keys() - {one} if enters else entering
        if enters:
            entering.add(one)
        found |= {each for each in others & alive.keys() if alive[one].entering(alive[each]) > 0}
        return found & alive.keys()

    def weigh(one: int) -> None:
        for other in related(one):
            if (gain := alive[one].gain(alive[other])) > 0:
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
        for node in {cluster.best[1], *cluster.heads}:
            rooted[node].append(index)

    def farther(index: int, at: float, *, home: bool) -> float:
        gap = _gap(at, times[index], home=home)
        return weights.incident if gap is None else pause(gap, weights)

    for alert in scene.alerts:
        at, said, home = scene.seconds[alert.key], scene.said[alert.key], homes[alert.key]
        staying = found[home].explaining(said) - farther(home, at, home=True)
        best = (staying, True, home)
        alone = not scene.on.get(said.service) and staying >= hypotheses.stranger(said)
        for index in rooted[said.service] if alone else range(len(found)):
            likely = found[index].explaining(said)
            if index != home and likely >= best[0]:
                best = max(best, (likely - farther(index, at, home=False), False, index))
        placed[best[2]].append(alert)
    return [
        cluster_of(alerts, hypotheses, cluster.heads)
        for alerts, cluster in zip(placed, found, strict=True)
        if alerts
    ]


def _gap(at: float, times: Sequence[float], *, home: bool) -> float | None:
    """Seconds to the nearest of an incident's other alerts; None: it has no other."""
    place = bisect_left(times, at)
    near = [times[each] for each in (place - 1, place + home) if 0 <= each < len(times)]
    return min((abs(other - at) for other in near), default=None)
