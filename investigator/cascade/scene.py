"""The alerts that are to be explained, with all that is known of who depends on whom. Pure.

A scene is built anew for every look at the alerts, so that it does not depend on the order they came in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from investigator.cascade.graph import Graph
from investigator.cascade.mentions import read_mentions
from investigator.cascade.weights import Weights
from investigator.models.cascade import Alert, Board

# Before anything was seen a catalogue is believed to lack one edge in 20.
_TORN_PRIOR, _TORN_WEIGHT = 0.3, 6.0
_TORN_FULLY = 0.25
_RECENT = timedelta(hours=1)


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What alerts of one service say alike: how likely they name each node, else whether it was another's.

    A scene has one for each way of saying it, so that they are told apart by identity.
    """

    service: str
    votes: Mapping[str, float]
    dependent: bool


class _Bits(dict[str, int]):
    """A bit for each node, so that sets of nodes are numbers."""

    def __missing__(self, node: str) -> int:
        self[node] = bit = 1 << len(self)
        return bit


class Scene:
    """Nobody changes a scene; its members are worked out when first asked for."""

    def __init__(self, alerts: Sequence[Alert], graph: Graph, board: Board, weights: Weights) -> None:
        self.alerts = sorted(alerts, key=lambda alert: (alert.at, alert.key))
        self.graph = graph
        self.weights = weights
        self.board = board
        self.alerting = frozenset(alert.service for alert in self.alerts)
        self.mentions = read_mentions(self.alerts, graph, board)
        ways: dict[object, Said] = {}
        self.said: dict[str, Said] = {}
        for alert in self.alerts:
            votes = self.mentions.votes[alert.key]
            way = (alert.service, tuple(sorted(votes.items())), alert.signals.dependent)
            self.said[alert.key] = ways.setdefault(way, Said(alert.service, votes, alert.signals.dependent))
        self._alerts_of: dict[str, list[Alert]] = {}
        for alert in self.alerts:
            self._alerts_of.setdefault(alert.service, []).append(alert)
        self.reporters = frozenset(board.reporters) | self.alerting
        began = self.alerts[0].at if self.alerts else None
        self.seconds = {alert.key: (alert.at - (began or alert.at)).total_seconds() for alert in self.alerts}
        self.bits = _Bits()

    def of(self, service: str) -> Sequence[Alert]:
        """The alerts of a service, in the order of time."""
        return self._alerts_of.get(service, ())

    def sayings(self, service: str) -> set[Said]:
        """What its alerts say, each way of saying it once."""
        return {self.said[alert.key] for alert in self.of(service)}

    @cached_property
    def on(self) -> Mapping[str, Mapping[str, float]]:
        """Service → what it depends on → the cost of believing that it does."""
        found: dict[str, dict[str, float]] = {}
        for service in {*self.graph.depends_on, *self.graph.learned_on, *self.alerting}:
            edges = found.setdefault(service, {})
            for callee in self.graph.learned_on.get(service, ()):
                edges[callee] = self.weights.learned_edge
            for callee in self.graph.depends_on.get(service, ()):
                edges[callee] = 0.0
        for said in self.said.values():
            for node, vote in said.votes.items():
                if vote >= 0.3 and node != said.service:
                    found[said.service].setdefault(node, self.weights.named_edge)
        return found

    @cached_property
    def callers(self) -> Mapping[str, Mapping[str, float]]:
        """The same edges from the other end."""
        found: dict[str, dict[str, float]] = {}
        for service, edges in self.on.items():
            for callee, cost in edges.items():
                found.setdefault(callee, {})[service] = cost
        return found

    @cached_property
    def torn(self) -> float:
        """The share of edges that the catalogue seems to lack: of those that errors have shown."""
        shown = missing = 0.0
        for said in set(self.said.values()):
            for node, vote in said.votes.items():
                if vote > 0.9 and node in self.graph.depends_on and said.service in self.graph.depends_on:
                    shown += 1
                    missing += node not in self.graph.depends_on[said.service]
        learned = sum(len(others) for others in self.graph.learned_on.values())
        return (missing + 0.2 * learned + _TORN_PRIOR) / (shown + 0.2 * learned + _TORN_WEIGHT)

    def no_edge(self, service: str) -> float:
        """The cost of believing that a service depends on what failed although nothing says so."""
        weights = self.weights
        if not self.graph.depends_on.get(service) and not self.graph.callers.get(service):
            return weights.no_catalog
        torn = min(self.torn / _TORN_FULLY, 1.0)
        return weights.no_edge + (weights.no_edge_torn - weights.no_edge) * torn

    @cached_property
    def changed(self) -> frozenset[str]:
        """Services whose release changed shortly before the first of these alerts."""
        first = self.alerts[0].at if self.alerts else None
        return frozenset(
            known.service
            for known in self.board.releases
            if known.before and first and abs(known.since - first) < _RECENT
        )

    def known(self, node: str) -> bool:
        """Whether the catalogue or an alert has shown that there is such a node."""
        return node in self.graph.depends_on or node in self.reporters


def callers_failing(failing: int, of: int, weights: Weights) -> float:
    """How likely it is that these of so many callers fail, whatever the share may be: a log probability."""
    a, b = weights.callers_alpha, weights.callers_beta
    return (
        math.lgamma(failing + a)
        + math.lgamma(of - failing + b)
        - math.lgamma(of + a + b)
        - (math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b))
    )
