"""Alerts that may be one incident, with what it would be likeliest to have begun with. Pure."""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping, Sequence
from functools import cached_property

from investigator.cascade.hypotheses import Hypotheses
from investigator.cascade.members import Members, members_of, together
from investigator.cascade.scene import Said
from investigator.cascade.timing import unrest
from investigator.models.cascade import Alert

_TRIED = 8  # roots looked at closely for two clusters together
_MOST_HEADS = 8  # bounds what a drip of errors that nothing ties together costs


class Cluster:
    """Alerts that may be one incident. Nobody changes a cluster; what it tells is worked out once."""

    def __init__(
        self,
        members: Members,
        hypotheses: Hypotheses,
        explained: Mapping[str, float],
        heads: tuple[str, ...] = (),
    ) -> None:
        """`explained`: root → how likely it makes the alerts, each by itself; `heads` as of `Hypotheses`."""
        self.members = members
        self.heads = heads
        self.hypotheses = hypotheses
        self.explained = explained
        self.most = max(explained.values())

    @cached_property
    def best(self) -> tuple[float, str]:
        """The likeliest root after the total, which comes first."""
        return self._likeliest(self.members, self.explained, 3 * _TRIED)

    def explaining(self, said: Said) -> float:
        """How likely the likeliest root makes an alert that says this."""
        root = self.best[1]
        ways = [self.hypotheses.by_way_of(said, head) for head in self.heads if head != root]
        return max([self.hypotheses.explained(said, root), *ways])

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
        return self._sharing(other) or self.entering(other)

    def _sharing(self, other: Cluster) -> float:
        """What is gained if a root that explains both is behind both, never less than 0."""
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

    @cached_property
    def entrance(self) -> tuple[float, str]:
        """What is gained if this came of another incident, before the time between, and where it came in."""
        likely, head = self.hypotheses.entrance(self.members)
        likely -= unrest(self.members, self.hypotheses.scene.weights)
        return likely - self.best[0] - self.hypotheses.scene.weights.margin, head

    def entering(self, other: Cluster) -> float:
        """What is gained by taking one for a part of the other incident that nothing ties to it."""
        return max(self._entering(other), other._entering(self))

    def _entering(self, other: Cluster) -> float:
        gain = self.entrance[0]
        if gain <= 0 or len(self.heads) + len(other.heads) >= _MOST_HEADS:
            return 0.0
        if math.isinf(other.members.consequence):
            return 0.0  # so far there are only faults of its own: nothing shows that it spreads
        gain -= _pause(self.members, other.members) / self.hypotheses.scene.weights.entering_calm
        return max(gain, 0.0)

    def joined(self, other: Cluster) -> Cluster:
        if self._sharing(other) <= 0:
            return self._with_heads(other)
        heads = tuple(sorted({*self.heads, *other.heads}))
        explained = {
            root: sum(
                each.explained[root]
                if root in each.explained
                else self.hypotheses.explained_all(each.members.said, root, each.heads)
                for each in (self, other)
            )
            for root in self.explained.keys() | other.explained.keys()
        }
        return Cluster(self._members_with(other), self.hypotheses, explained, heads)

    def _with_heads(self, other: Cluster) -> Cluster:
        heads = {*self.heads, *other.heads, self.entrance[1], other.entrance[1]}
        return cluster_of(self._members_with(other).in_order, self.hypotheses, tuple(sorted(heads)))

    def _members_with(self, other: Cluster) -> Members:
        return together(self.members, other.members, self.hypotheses.scene.weights.calm)


def cluster_of(alerts: Sequence[Alert], hypotheses: Hypotheses, heads: tuple[str, ...] = ()) -> Cluster:
    members = members_of(alerts, hypotheses.scene)
    silent = hypotheses.silent_between(members.said)
    heads = tuple(head for head in heads if head in silent or members.services & hypotheses.scene.bits[head])
    roots = hypotheses.roots(members.said)
    explained = {root: hypotheses.explained_all(members.said, root, heads) for root in roots}
    return Cluster(members, hypotheses, explained, heads)


def _pause(one: Members, other: Members) -> float:
    """Seconds between the first alert of one and what is nearest to it of the other."""
    first = one.runs[0][0]
    return min(max(begins - first, first - ends, 0.0) for begins, ends in other.runs)
