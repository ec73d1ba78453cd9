"""“This node failed”: whom that explains, and how likely it makes what was seen. Pure.

All numbers are natural logarithms of probabilities, up to a constant that is the same for all hypotheses
about the same alerts.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import pairwise

from investigator.cascade.names import kind_of
from investigator.cascade.scene import Said, Scene, callers_failing
from investigator.models.cascade import Alert

_FARTHEST = 5.0  # what a chain of silent services and doubtful edges may cost at most
_DEEP = 3  # how far below a failing service its root is looked for


class Members:
    """Alerts that may be one incident, in the order of time."""

    def __init__(self, alerts: Sequence[Alert]) -> None:
        self.alerts = alerts
        self.services = frozenset(alert.service for alert in alerts)
        self.gaps = [(after.at - before.at).total_seconds() for before, after in pairwise(alerts)]


class Hypotheses:
    """All that can have failed in a scene. Remembers what it has worked out; the scene never changes."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._reach: dict[str, Mapping[str, tuple[float, str | None]]] = {}
        self._explained: dict[str, dict[Said, float]] = {}
        self._below: dict[str, frozenset[str]] = {}

    @property
    def cheapest(self) -> float:
        """What an incident costs at the least, whatever it explains."""
        weights = self.scene.weights
        return weights.incident - weights.infrastructure - weights.deployed

    def roots(self, alerts: Iterable[Alert]) -> list[str]:
        """Nodes that can explain any of these alerts."""
        found: set[str] = set()
        for said in {self.scene.said[alert.key] for alert in alerts}:
            found |= self.below(said.service)
            found.update(said.votes)
        return sorted(found)

    def below(self, service: str) -> frozenset[str]:
        """The service, and what it depends on directly or along failing or silent ones."""
        if service not in self._below:
            found, front = {service}, [service]
            for _ in range(_DEEP):
                front = [node for one in front for node in self.scene.on.get(one, ()) if node not in found]
                found.update(front)
            self._below[service] = frozenset(found)
        return self._below[service]

    def reach(self, root: str) -> Mapping[str, tuple[float, str | None]]:
        """Nodes that fail if the root does: what that costs, and the dependency it comes by."""
        if root not in self._reach:
            self._reach[root] = self._spread(root)
        return self._reach[root]

    def _spread(self, root: str) -> dict[str, tuple[float, str | None]]:
        scene, found = self.scene, dict[str, tuple[float, str | None]]()
        front: list[tuple[float, str, str | None]] = [(0.0, root, None)]
        while front:
            cost, node, by = heapq.heappop(front)
            if node in found:
                continue
            found[node] = (cost, by)
            for caller, edge in scene.callers.get(node, {}).items():
                further = cost + edge + self._passing(node, caller)
                if caller not in found and further <= _FARTHEST:
                    heapq.heappush(front, (further, caller, node))
        return found

    def _passing(self, node: str, caller: str) -> float:
        """What it costs to believe that a caller fails because the node does: nothing if it says as much."""
        silence = self.silence(caller)
        worded = (self._wording(said, said.votes.get(node, 0.0)) for said in self.scene.sayings(caller))
        return min((*(max(cost - 1.0, 0.0) for cost in worded), silence))

    def silence(self, service: str) -> float:
        """What it costs to believe that a service failed and said nothing of it."""
        weights = self.scene.weights
        if service in self.scene.alerting:
            return weights.silent_between + weights.said_other_things
        before = service in self.scene.reporters
        return weights.silent_between + (weights.said_nothing_now if before else 0.0)

    def explained(self, said: Said, root: str) -> float:
        """How likely an alert is if the root failed, wherever the trouble came by."""
        known = self._explained.setdefault(root, {})
        found = known.get(said)
        if found is None:
            found = self._at_root(said) if said.service == root else self._at_victim(said, root)
            known[said] = found
        return found

    def _at_root(self, said: Said) -> float:
        weights = self.scene.weights
        if said.votes:
            return -weights.root_names_another
        return -weights.root_names_nobody if said.dependent else -weights.root_looks_own

    def _at_victim(self, said: Said, root: str) -> float:
        weights, reach = self.scene.weights, self.reach(root)
        best = -math.inf
        for callee, edge in self.scene.on.get(said.service, {}).items():
            if callee in reach:
                best = max(best, -edge - self._wording(said, said.votes.get(callee, 0.0)))
        if best == -math.inf or self.scene.no_edge(said.service) < weights.no_edge_torn:
            best = max(best, -self.scene.no_edge(said.service) - self._wording(said, 0.0))
        return best

    def _wording(self, said: Said, vote: float) -> float:
        weights = self.scene.weights
        if not said.votes:
            return weights.names_nobody if said.dependent else weights.looks_own
        if vote <= 0:
            return weights.names_another
        return min(weights.names_it - math.log(vote), weights.names_another)

    def total(self, root: str, members: Members, explained: float | None = None) -> float:
        """How likely it is that the root failed and these alerts are what came of it.

        `explained` is the sum over the alerts of how likely the root makes them, where that is known already.
        """
        if explained is None:
            explained = sum(self.explained(self.scene.said[alert.key], root) for alert in members.alerts)
        likely = explained + self.prior(root, members.services) - self.unrest(members)
        return likely + self.spreading(root, members.services) - self.apart(root, members)

    def deeper(self, root: str, members: Members) -> float:
        """What it costs to believe that something unknown below a service failed, and not the service.

        Little, when what the service says looks like somebody else's fault; infinite for infrastructure.
        """
        weights = self.scene.weights
        if kind_of(root) is not None:
            return math.inf
        cost = weights.unknown_node
        for said in {self.scene.said[alert.key] for alert in members.alerts if alert.service == root}:
            below = weights.names_nobody if said.dependent or said.votes else weights.looks_own
            cost += below + self._at_root(said)
        return cost

    def prior(self, root: str, services: Set[str]) -> float:
        scene, weights = self.scene, self.scene.weights
        cost = weights.incident + (0.0 if scene.known(root) else weights.unknown_node)
        if kind_of(root) is not None:
            cost -= weights.infrastructure
        elif root not in services:
            cost += weights.silent_root + (0.6 if root in scene.reporters else 0.0)
        if root in scene.changed:
            cost -= weights.deployed
        return -cost

    def spreading(self, root: str, services: Set[str]) -> float:
        """Silent services on the way, and how many of the callers of what failed have failed."""
        reach = self.reach(root)
        failing = {root} | {service for service in services if service in reach}
        between = self.between(root, services)
        callers = {
            caller
            for node in failing | between
            for caller in self.scene.graph.callers.get(node, ())
            if caller != root and (caller in services | between or caller not in self.scene.alerting)
        }
        failed = len(callers & (services | between))
        seen = callers_failing(failed, len(callers), self.scene.weights)
        if not failed:  # a fault need not be an outage
            seen = max(seen, -self.scene.weights.nobody_minds)
        return seen - sum(self.silence(node) for node in between)

    def between(self, root: str, services: Set[str]) -> set[str]:
        """Services that must have failed silently for the trouble to have come from the root to these."""
        reach, found = self.reach(root), set[str]()
        for service in services:
            node = reach[service][1] if service in reach else None
            while node is not None and node != root:
                if node not in services:
                    found.add(node)
                node = reach[node][1]
        return found

    def unrest(self, members: Members) -> float:
        """What it costs that alerts are far from each other in time."""
        weights = self.scene.weights
        over = sum(max(gap - weights.calm, 0.0) for gap in members.gaps)
        return over / 60 * weights.per_minute

    def apart(self, root: str, members: Members) -> float:
        """What it costs that the root's own faults are far from the others in time, or of several kinds."""
        if root not in members.services:
            return 0.0
        weights, cost = self.scene.weights, 0.0
        own = [alert for alert in members.alerts if self._is_own(alert, root)]
        first = next((alert for alert in members.alerts if not self._is_own(alert, root)), None)
        for alert in own:
            late = (alert.at - (first or alert).at).total_seconds()
            cost += (
                max(late - weights.root_late, -late - weights.root_early, 0.0) / 60 * weights.root_per_minute
            )
        for before, after in pairwise(own):
            if before.signals.signature != after.signals.signature:
                gap = (after.at - before.at).total_seconds() - weights.same_moment
                cost += weights.another_own + max(gap, 0.0) / 60 * weights.root_per_minute
        return cost

    def _is_own(self, alert: Alert, root: str) -> bool:
        said = self.scene.said[alert.key]
        return said.service == root and not said.votes and not said.dependent
