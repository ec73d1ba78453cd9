"""“This node failed”: whom that explains, and how likely it makes what was seen. Pure.

All numbers are natural logarithms of probabilities, up to a constant that is the same for all hypotheses
about the same alerts.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from investigator.cascade.members import Members, bits
from investigator.cascade.names import kind_of
from investigator.cascade.scene import Said, Scene, callers_failing
from investigator.cascade.timing import apart, unrest

_FARTHEST = 5.0  # what a chain of silent services and doubtful edges may cost at most
_HEADS = 4  # services by which an incident came in unseen that are looked for
_DEEP = 3  # how far below a failing service its root is looked for


class _Ways(NamedTuple):
    """How a node's failure comes to others, as bits: whom it reaches, and by whom on the way to each."""

    reached: int
    between: dict[int, int]


class Hypotheses:
    """All that can have failed in a scene. Remembers what it has worked out; the scene never changes."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._reach: dict[str, Mapping[str, tuple[float, str | None]]] = {}
        self._explained: dict[str, dict[Said, float]] = {}
        self._below: dict[str, frozenset[str]] = {}
        self._ways: dict[str, _Ways] = {}
        self._silences: dict[int, float] = {}
        self._spreading: dict[tuple[str, int], float] = {}
        self._prior: dict[tuple[str, bool], float] = {}
        bits = scene.bits
        self._callers = {
            bits[node]: sum(bits[caller] for caller in callers)
            for node, callers in scene.graph.callers.items()
        }
        self._alerting = sum(bits[service] for service in scene.alerting)

    @property
    def cheapest(self) -> float:
        """What an incident costs at the least, whatever it explains."""
        weights = self.scene.weights
        return weights.incident - weights.infrastructure - weights.deployed

    def roots(self, said: Iterable[Said]) -> list[str]:
        """Nodes that can explain any of this."""
        return sorted(frozenset().union(*(self.below(each.service) | each.votes.keys() for each in said)))

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
            best = max(best, self.stranger(said))
        return best

    def stranger(self, said: Said) -> float:
        """How likely an alert is if another node failed that nothing leads to."""
        return -self.scene.no_edge(said.service) - self._wording(said, 0.0)

    def _wording(self, said: Said, vote: float) -> float:
        weights = self.scene.weights
        if not said.votes:
            return weights.names_nobody if said.dependent else weights.looks_own
        if vote <= 0:
            return weights.names_another
        return min(weights.names_it - math.log(vote), weights.names_another)

    def explained_all(self, said: Mapping[Said, int], root: str, heads: Sequence[str] = ()) -> float:
        """How likely the root makes alerts that say this, each so many times.

        `heads` are services that may have failed by it although nothing says that they depend on it.
        """
        directly = {each: self.explained(each, root) for each in said}
        found = sum(number * directly[each] for each, number in said.items())
        for head in heads:
            if head != root and head not in self.reach(root):
                by = {each: max(self.by_way_of(each, head), directly[each]) for each in said}
                more = sum(number * (by[each] - directly[each]) for each, number in said.items())
                more -= self.entering(head)
                if more > 0:
                    found, directly = found + more, by
        return found

    def heads(self, members: Members) -> tuple[str, ...]:
        """Services by which the incident may have come in where nothing ties its alerts together."""
        totals = {
            root: self.total(root, members, self.explained_all(members.said, root))
            for root in self.roots(members.said)
        }
        root = max(totals, key=lambda each: (totals[each], each))
        left = self._entrances(members) - {root, *self.reach(root)}
        found: list[str] = []
        likely = self.explained_all(members.said, root)
        while left and len(found) < _HEADS:
            more, head = max(
                (self.explained_all(members.said, root, (*found, head)), head) for head in sorted(left)
            )
            if more <= likely:
                break
            likely = more
            found.append(head)
            left.discard(head)
        return (*found, root) if found else ()

    def by_way_of(self, said: Said, head: str) -> float:
        """How likely an alert is if this service failed by something else."""
        if said.service != head:
            return self.explained(said, head)
        return -self._wording(said, 0.0)

    def entering(self, head: str) -> float:
        """What it costs to believe that a service failed by what nothing says it depends on."""
        silence = 0.0 if head in self.scene.alerting else self.silence(head)
        return self.scene.no_edge(head) + silence

    def entrance(self, members: Members) -> tuple[float, str]:
        """How likely these alerts are if they came of another incident, and the service it came in by."""
        return max(
            (
                sum(number * self.by_way_of(each, head) for each, number in members.said.items())
                - self.entering(head)
                + self.spreading(head, members.services),
                head,
            )
            for head in sorted(self._entrances(members))
        )

    def _entrances(self, members: Members) -> set[str]:
        return {each.service for each in members.said} | self.silent_between(members.said)

    def silent_between(self, said: Iterable[Said]) -> set[str]:
        """Services that errors name and that say nothing: they may have failed by something else."""
        return {
            node
            for each in said
            for node, vote in each.votes.items()
            if vote > 0.5 and kind_of(node) is None and node not in self.scene.alerting
        }

    def total(self, root: str, members: Members, explained: float) -> float:
        """How likely it is that the root failed and these alerts are what came of it.

        `explained` is the sum over the alerts of how likely the root makes them.
        """
        weights = self.scene.weights
        likely = explained + self.prior(root, members.services) - unrest(members, weights)
        return likely + self.spreading(root, members.services) - apart(root, members, weights)

    def deeper(self, root: str, members: Members) -> float:
        """What it costs to believe that something unknown below a service failed, and not the service.

        Little, when what the service says looks like somebody else's fault, and more where a catalogue says
        what there is below it; infinite for infrastructure.
        """
        weights = self.scene.weights
        if kind_of(root) is not None:
            return math.inf
        charted = max(self.scene.no_edge(root) - weights.no_catalog, 0.0)
        cost = weights.unknown_node - weights.infrastructure + charted
        for said in (each for each in members.said if each.service == root):
            cost += self._wording(said, 0.0) + self._at_root(said)
        return cost

    def prior(self, root: str, services: int) -> float:
        key = (root, bool(self.scene.bits[root] & services))
        if key not in self._prior:
            self._prior[key] = self._prior_of(*key)
        return self._prior[key]

    def _prior_of(self, root: str, alerts: bool) -> float:
        scene, weights = self.scene, self.scene.weights
        cost = weights.incident + (0.0 if scene.known(root) else weights.unknown_node)
        if kind_of(root) is not None:
            cost -= weights.infrastructure
        elif not alerts:
            cost += weights.silent_root + (0.6 if root in scene.reporters else 0.0)
        if root in scene.changed:
            cost -= weights.deployed
        return -cost

    def spreading(self, root: str, services: int) -> float:
        """Silent services on the way, and how many of the callers of what failed have failed."""
        key = (root, services)
        if key not in self._spreading:
            self._spreading[key] = self._spreading_of(root, services)
        return self._spreading[key]

    def _spreading_of(self, root: str, services: int) -> float:
        weights, ways, itself = self.scene.weights, self.ways(root), self.scene.bits[root]
        failing = services & ways.reached | itself
        between = 0
        for node in bits(failing):
            between |= ways.between[node]
        between &= ~services
        callers, there = 0, services | between
        for node in bits(failing | between):
            callers |= self._callers.get(node, 0)
        callers &= (there | ~self._alerting) & ~itself
        failed = (callers & there).bit_count()
        seen = callers_failing(failed, callers.bit_count(), weights)
        if not failed:  # a fault need not be an outage
            seen = max(seen, -weights.nobody_minds)
        return seen - sum(self._silences[node] for node in bits(between))

    def ways(self, root: str) -> _Ways:
        if root not in self._ways:
            bit, between = self.scene.bits, dict[int, int]()
            for node, (_, by) in self.reach(root).items():  # whom it comes by is reached before
                between[bit[node]] = 0 if by is None or by == root else between[bit[by]] | bit[by]
                self._silences[bit[node]] = self.silence(node)
            self._ways[root] = _Ways(sum(between), between)
        return self._ways[root]
