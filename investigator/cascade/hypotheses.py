"""“This node failed”: whom that explains, and how likely it makes what was seen. Pure.

All numbers are natural logarithms of probabilities, up to a constant that is the same for all hypotheses
about the same alerts.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from investigator.cascade.names import kind_of
from investigator.cascade.scene import Said, Scene, callers_failing
from investigator.models.cascade import Alert

_FARTHEST = 5.0  # what a chain of silent services and doubtful edges may cost at most
_DEEP = 3  # how far below a failing service its root is looked for


class Hypotheses:
    """All that can have failed in a scene. Remembers what it has worked out; the scene never changes."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._reach: dict[str, Mapping[str, tuple[float, str | None]]] = {}
        self._explained: dict[tuple[str, Said], float] = {}
        self._below: dict[str, frozenset[str]] = {}

    def roots(self, alerts: Iterable[Alert]) -> list[str]:
        """Nodes that can explain any of these alerts."""
        found: set[str] = set()
        for said in {self.scene.said[alert.key] for alert in alerts}:
            found |= self.below(said.service)
            found.update(node for node, _ in said.votes)
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
        worded = (self._wording(said, dict(said.votes).get(node, 0.0)) for said in self.scene.sayings(caller))
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
        key = (root, said)
        if key not in self._explained:
            at_root = said.service == root
            self._explained[key] = self._at_root(said) if at_root else self._at_victim(said, root)
        return self._explained[key]

    def _at_root(self, said: Said) -> float:
        weights = self.scene.weights
        if said.votes:
            return -weights.root_names_another
        return -weights.root_names_nobody if said.dependent else -weights.root_looks_own

    def _at_victim(self, said: Said, root: str) -> float:
        weights, reach = self.scene.weights, self.reach(root)
        votes = dict(said.votes)
        best = -math.inf
        for callee, edge in self.scene.on.get(said.service, {}).items():
            if callee in reach:
                best = max(best, -edge - self._wording(said, votes.get(callee, 0.0)))
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

    def total(self, root: str, alerts: Sequence[Alert]) -> float:
        """How likely it is that the root failed and these, in the order of time, are what came of it."""
        saids = [self.scene.said[alert.key] for alert in alerts]
        likely = sum(self.explained(said, root) for said in saids) + self.prior(root, saids)
        return likely + self.spreading(root, {said.service for said in saids}) - self.unrest(root, alerts)

    def deeper(self, root: str, alerts: Sequence[Alert]) -> float:
        """What it costs to believe that something unknown below a service failed, and not the service.

        Little, when what the service says looks like somebody else's fault; infinite for infrastructure.
        """
        weights = self.scene.weights
        if kind_of(root) is not None:
            return math.inf
        cost = weights.unknown_node
        for said in {self.scene.said[alert.key] for alert in alerts if alert.service == root}:
            below = weights.names_nobody if said.dependent or said.votes else weights.looks_own
            cost += below + self._at_root(said)
        return cost

    def prior(self, root: str, saids: Iterable[Said]) -> float:
        scene, weights = self.scene, self.scene.weights
        cost = weights.incident + (0.0 if scene.known(root) else weights.unknown_node)
        if kind_of(root) is not None:
            cost -= weights.infrastructure
        elif not any(said.service == root for said in saids):
            cost += weights.silent_root + (0.6 if root in scene.reporters else 0.0)
        if root in scene.changed:
            cost -= weights.deployed
        return -cost

    def spreading(self, root: str, services: set[str]) -> float:
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
        seen = callers_failing(len(callers & (services | between)), len(callers), self.scene.weights)
        return seen - sum(self.silence(node) for node in between)

    def between(self, root: str, services: set[str]) -> set[str]:
        """Services that must have failed silently for the trouble to have come from the root to these."""
        reach, found = self.reach(root), set[str]()
        for service in services:
            node = reach[service][1] if service in reach else None
            while node is not None and node != root:
                if node not in services:
                    found.add(node)
                node = reach[node][1]
        return found

    def unrest(self, root: str, alerts: Sequence[Alert]) -> float:
        """What it costs that alerts are far from each other in time, or the root's own from the others."""
        weights, cost = self.scene.weights, 0.0
        for before, after in pairwise(alerts):
            gap = (after.at - before.at).total_seconds() - weights.calm
            cost += max(gap, 0.0) / 60 * weights.per_minute
        own = [alert for alert in alerts if self._is_own(alert, root)]
        others = [alert for alert in alerts if alert not in own]
        for alert in own if others else ():
            late = (alert.at - others[0].at).total_seconds()
            cost += (
                max(late - weights.root_late, -late - weights.root_early, 0.0) / 60 * weights.root_per_minute
            )
        return cost + weights.another_own * max(len({alert.signals.signature for alert in own}) - 1, 0)

    def _is_own(self, alert: Alert, root: str) -> bool:
        said = self.scene.said[alert.key]
        return said.service == root and not said.votes and not said.dependent
