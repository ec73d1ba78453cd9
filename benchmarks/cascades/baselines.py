"""What simpler rules would make of the same alerts: one incident per group, its root by the rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from investigator.cascade.graph import Graph
from investigator.evaluation.cascade_figures import Found
from investigator.models.cascade import Alert

WINDOW = timedelta(minutes=5)

Rule = Callable[[Sequence[Alert], Graph], list[Found]]


def fixed_window(alerts: Sequence[Alert], graph: Graph) -> list[Found]:
    """Everything within five minutes is one; the earliest alert is the root."""
    return found_of(linked(alerts, lambda one, other: True), earliest)


def by_label(alerts: Sequence[Alert], graph: Graph) -> list[Found]:
    """As Alertmanager groups by a label: one incident a service; that service is the root."""
    return found_of(linked(alerts, lambda one, other: one.service == other.service), earliest)


def by_topology(alerts: Sequence[Alert], graph: Graph) -> list[Found]:
    """As Keep's topology rule: directly connected within five minutes; the most upstream alerting."""
    return found_of(linked(alerts, _connected(graph)), lambda group: _most_upstream(group, graph))


def by_topology_earliest(alerts: Sequence[Alert], graph: Graph) -> list[Found]:
    """The same groups; the earliest alert is the root."""
    return found_of(linked(alerts, _connected(graph)), earliest)


RULES: dict[str, Rule] = {
    "everything within 5 minutes; earliest alert": fixed_window,
    "one label (service) within 5 minutes": by_label,
    "connected services within 5 minutes; most upstream alerting": by_topology,
    "connected services within 5 minutes; earliest alert": by_topology_earliest,
}


def _connected(graph: Graph) -> Callable[[Alert, Alert], bool]:
    def connected(one: Alert, other: Alert) -> bool:
        return (
            one.service == other.service
            or other.service in graph.depends_on.get(one.service, ())
            or one.service in graph.depends_on.get(other.service, ())
        )

    return connected


def linked(alerts: Sequence[Alert], tied: Callable[[Alert, Alert], bool]) -> list[list[Alert]]:
    groups: list[list[Alert]] = []
    for alert in sorted(alerts, key=lambda each: (each.at, each.key)):
        mine = [
            group
            for group in groups
            if any(alert.at - other.at <= WINDOW and tied(alert, other) for other in group)
        ]
        groups = [group for group in groups if group not in mine]
        groups.append([*(other for group in mine for other in group), alert])
    return groups


def found_of(groups: Iterable[list[Alert]], root: Callable[[list[Alert]], str]) -> list[Found]:
    return [
        Found(
            id=str(number),
            opened_at=min(alert.received_at for alert in group),
            issues=tuple(alert.issue_id for alert in group),
            ranking=((root(group), 1.0),),
            investigations=1,
        )
        for number, group in enumerate(groups)
    ]


def earliest(group: Sequence[Alert]) -> str:
    return min(group, key=lambda alert: (alert.at, alert.key)).service


def _most_upstream(group: list[Alert], graph: Graph) -> str:
    """An alerting service that depends on no other alerting one, the earliest of several."""
    alerting = {alert.service for alert in group}
    upstream = [alert for alert in group if not graph.depends_on.get(alert.service, frozenset()) & alerting]
    return earliest(upstream or group)
