"""Where an incident began: how likely each node is, and why. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

from investigator.cascade.confirmed import speaking_for
from investigator.cascade.hypotheses import Hypotheses
from investigator.cascade.members import members_of
from investigator.models.cascade import Alert, Candidate, Reason, RootRanking

_LISTED = 5
_CLEAR = 0.5
_NEGLIGIBLE = 0.005


def rank(alerts: Sequence[Alert], hypotheses: Hypotheses, *, now: datetime) -> RootRanking:
    """Candidates for the root of an incident of these alerts, which are in the order of time.

    What the scores lack to 1 is the chance that the root is further down, where nobody named it.
    """
    temperature = hypotheses.scene.weights.temperature
    members = members_of(alerts, hypotheses.scene)
    heads = hypotheses.heads(members)
    remembered = speaking_for(hypotheses.scene.board, (alert.service for alert in alerts), now)
    totals = {
        root: hypotheses.total(root, members, hypotheses.explained_all(members.said, root, heads))
        for root in {*hypotheses.roots(members.said), *remembered}
    }
    unnamed = [total - hypotheses.deeper(root, members) for root, total in totals.items()]
    for root, (worth, _) in remembered.items():
        totals[root] += worth
    best = max(totals.values())
    mass = sum(math.exp((total - best) / temperature) for total in (*totals.values(), *unnamed))
    ordered = sorted(totals, key=lambda root: (-totals[root], root))
    chances = {root: math.exp((totals[root] - best) / temperature) / mass for root in ordered[:_LISTED]}
    return RootRanking(
        candidates=tuple(
            Candidate(
                node=root,
                score=round(chance, 4),
                reasons=(*_remembered(root, remembered), *reasons(root, alerts, hypotheses)),
            )
            for root, chance in chances.items()
            if chance >= _NEGLIGIBLE or root == ordered[0]
        ),
        clear=chances[ordered[0]] >= _CLEAR,
    )


def _remembered(root: str, remembered: Mapping[str, tuple[float, datetime]]) -> tuple[Reason, ...]:
    if root not in remembered:
        return ()
    return (Reason(kind="remembered", services=(root,), detail=remembered[root][1].date().isoformat()),)


def reasons(root: str, alerts: Sequence[Alert], hypotheses: Hypotheses) -> tuple[Reason, ...]:
    """Facts for and against the root, each of which can be looked up."""
    scene = hypotheses.scene
    services = sorted({alert.service for alert in alerts})
    own = [alert for alert in alerts if alert.service == root]
    found = [Reason(kind="alerted", count=len(own)) if own else Reason(kind="silent")]
    found += _named(root, alerts, hypotheses)
    victims = [service for service in services if service != root]
    if victims:
        reached = [service for service in victims if service in hypotheses.reach(root)]
        found.append(Reason(kind="explains", services=tuple(reached), count=len(reached), of=len(victims)))
        if strangers := tuple(service for service in victims if service not in reached):
            found.append(Reason(kind="uncharted", services=strangers))
    elif own and not scene.said[own[0].key].votes:
        found.append(Reason(kind="lone"))
    callers = scene.graph.callers.get(root, frozenset())
    if healthy := sorted(callers - scene.alerting):
        found.append(Reason(kind="healthy", services=tuple(healthy), count=len(healthy), of=len(callers)))
    if own and victims and alerts[0].service == root:
        found.append(Reason(kind="first"))
    if root in scene.changed:
        found.append(Reason(kind="deployed", detail=own[0].release if own else None))
    return tuple(found)


def _named(root: str, alerts: Sequence[Alert], hypotheses: Hypotheses) -> list[Reason]:
    mentions = hypotheses.scene.mentions
    traced = tuple(sorted({alert.service for alert in alerts if mentions.traced.get(alert.key) == root}))
    found = [Reason(kind="traced", services=traced)] if traced else []
    naming = [
        alert
        for alert in alerts
        if mentions.votes[alert.key].get(root, 0) >= 0.3 and alert.key not in mentions.traced
    ]
    for host in sorted({mentions.hosts[alert.key].get(root, "") for alert in naming}):
        services = tuple(
            sorted({alert.service for alert in naming if mentions.hosts[alert.key].get(root, "") == host})
        )
        kind = "alias" if mentions.aliases.get(host, ("",))[0] == root else "named"
        if kind == "alias":
            found.append(Reason(kind="alias", services=services, count=len(services), detail=host))
        else:
            found.append(Reason(kind="named", services=services, count=len(services), detail=host or None))
    return found
