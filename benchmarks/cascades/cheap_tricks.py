"""Two rules that cost an afternoon: join up what errors name, and cover greedily. What ours gains over them
is what its weighing is worth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from benchmarks.cascades.baselines import Rule, earliest, found_of, linked
from investigator.cascade.graph import Graph
from investigator.cascade.names import Directory, uncharted
from investigator.evaluation.cascade_figures import Found
from investigator.models.cascade import Alert

Named = Mapping[str, frozenset[str]]  # alert key → nodes that its error names

_NAMED = 0.5  # of an alert more, where the error names the node
_HEALTHY = 0.3  # of an alert less for each caller of the node that reports nothing
_SILENT = 0.4  # of an alert less for a node that reports nothing itself


def names_joined(alerts: Sequence[Alert], graph: Graph) -> list[Found]:
    """Within five minutes: one service, one named node, or one named by the other; the most named."""
    named = _named(alerts, graph)

    def joined(one: Alert, other: Alert) -> bool:
        mine, others = named[one.key] | {one.service}, named[other.key] | {other.service}
        return bool(mine & others)

    return found_of(linked(alerts, joined), lambda group: _most_named(group, named))


def greedy_cover(alerts: Sequence[Alert], graph: Graph) -> list[Found]:
    """Time and again the node, alerting or not, that explains most of what is left along failing callers."""
    named = _named(alerts, graph)
    groups, roots = list[list[Alert]](), dict[str, str]()
    for window in linked(alerts, lambda one, other: True):
        left = window
        while left:
            root, taken = _best(left, {alert.service for alert in window}, graph, named)
            groups.append(taken)
            roots[taken[0].key] = root
            explained = {alert.key for alert in taken}
            left = [alert for alert in left if alert.key not in explained]
    return found_of(groups, lambda group: roots[group[0].key])


def _best(left: Sequence[Alert], alerting: set[str], graph: Graph, named: Named) -> tuple[str, list[Alert]]:
    nodes = {alert.service for alert in left}.union(*(named[alert.key] for alert in left))
    nodes |= {node for service in set(nodes) for node in graph.depends_on.get(service, ())}
    best = (float("-inf"), "", list[Alert]())
    for node in sorted(nodes):
        reached = _reached(node, alerting, graph)
        taken = [alert for alert in left if _explained(alert, node, reached, named)]
        if taken:
            votes = sum(node in named[alert.key] for alert in taken)
            healthy = len(graph.callers.get(node, frozenset()) - alerting)
            worth = len(taken) + _NAMED * votes - _HEALTHY * healthy - _SILENT * (node not in alerting)
            best = max(best, (worth, node, taken), key=lambda each: each[0])
    return best[1], best[2]


def _reached(root: str, alerting: set[str], graph: Graph) -> set[str]:
    """The node and who calls it, directly or along services that report errors."""
    found, front = {root}, [root]
    while front:
        callers = graph.callers.get(front.pop(), frozenset()) & alerting - found
        found |= callers
        front += callers
    return found


def _explained(alert: Alert, root: str, reached: set[str], named: Named) -> bool:
    """A victim names the root, or somebody who fails with it, or nobody, and then looks like a victim."""
    if alert.service == root:
        return True
    names = named[alert.key]
    blames = bool(names & reached) if names else alert.signals.dependent
    return root in names or (alert.service in reached and blames)


def _named(alerts: Sequence[Alert], graph: Graph) -> dict[str, frozenset[str]]:
    directory = Directory({*graph.nodes, *(alert.service for alert in alerts)})
    return {
        alert.key: frozenset(
            node
            for target in alert.signals.targets
            if target.name
            for node in directory.find(target.name, target) or [uncharted(target)]
        )
        - {alert.service}
        for alert in alerts
    }


def _most_named(group: Sequence[Alert], named: Named) -> str:
    votes = Counter(node for alert in group for node in named[alert.key])
    return max(votes, key=lambda node: (votes[node], node)) if votes else earliest(group)


CHEAP_TRICKS: dict[str, Rule] = {
    "names in errors joined up; most named": names_joined,
    "greedy cover along failing callers": greedy_cover,
}
