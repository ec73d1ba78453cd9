"""Splits alerts into incidents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from investigator.cascade.graph import Graph
from investigator.models.cascade import Alert, Board, Candidate, RootRanking


@dataclass(frozen=True, slots=True)
class Cluster:
    """Alerts that are one incident, and where it may have begun."""

    alerts: tuple[Alert, ...]
    ranking: RootRanking


def clusters(alerts: Sequence[Alert], graph: Graph, board: Board) -> list[Cluster]:
    """Split alerts into incidents; the same set of alerts gives the same split in whatever order it came."""
    left = sorted(alerts, key=lambda alert: (alert.at, alert.key))
    found = []
    while left:
        root = max(sorted({alert.service for alert in left}), key=lambda node: len(_above(node, left, graph)))
        services = _above(root, left, graph)
        members = tuple(alert for alert in left if alert.service in services)
        left = [alert for alert in left if alert.service not in services]
        found.append(Cluster(members, RootRanking(candidates=(Candidate(node=root, score=0.5),))))
    return found


def _above(root: str, alerts: Sequence[Alert], graph: Graph) -> set[str]:
    failing = {alert.service for alert in alerts}
    reached, front = {root}, [root]
    while front:
        callers = graph.callers.get(front.pop(), frozenset()) & failing - reached
        reached |= callers
        front.extend(callers)
    return reached
