"""Which incident an alert belongs to, decided as alerts come and revised when later ones say otherwise.

All functions are pure: a board in, a board and what changed out. The split into incidents depends on which
alerts are known and not on the order in which they came.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from investigator.cascade.confirmed import confirmed_edges
from investigator.cascade.cover import clusters
from investigator.cascade.graph import Graph
from investigator.cascade.hypotheses import Hypotheses
from investigator.cascade.learning import faded, learned
from investigator.cascade.ranking import rank
from investigator.cascade.revising import revise
from investigator.cascade.scene import Scene
from investigator.cascade.weights import WEIGHTS
from investigator.models.cascade import (
    Alert,
    Board,
    Candidate,
    Change,
    Group,
    Merged,
    Moved,
    Opened,
    Reason,
    RootRanking,
)

ALIVE = timedelta(minutes=30)  # after its newest alert a group can grow that long
MAX_ALERTS = 1000  # on the whole board; beyond it the oldest are let go
MAX_REPORTERS = 2000


def place(
    board: Board, alerts: Sequence[Alert], graph: Graph, *, now: datetime, new_ids: Iterator[str]
) -> tuple[Board, list[Change]]:
    """Put new alerts on the board and revise its groups.

    `now` is by the clock by which alerts are `received_at`. One id is taken from `new_ids` for each `Opened`.
    Every alert whose key is not on the board is in exactly one `Opened` or `Joined`; one that is on it takes
    the place of what was known of it. Changes are to be carried out in their order.
    """
    known = {alert.key for group in board.groups for alert in group.alerts}
    board = _alive(board, now)
    before = {alert.key: alert for group in board.groups for alert in group.alerts}
    fresh = {
        alert.key: alert
        for alert in alerts
        if alert.key not in known or (alert.key in before and before[alert.key] != alert)
    }
    if not fresh:
        return board, []
    reporters = (*board.reporters, *(alert.service for alert in fresh.values()))
    board = faded(board, now).model_copy(update={"reporters": _newest(reporters, MAX_REPORTERS)})
    held = [alert for key, alert in before.items() if key not in fresh]
    known_graph = graph.with_learned([*board.edges, *confirmed_edges(board, graph)])
    looks = [
        Hypotheses(Scene(part, known_graph, board, WEIGHTS))
        for part in by_environment([*held, *fresh.values()])
    ]

    def ranked(members: Sequence[Alert]) -> RootRanking:
        look = max(looks, key=lambda look: sum(alert.key in look.scene.said for alert in members))
        return rank([alert for alert in members if alert.key in look.scene.said], look, now=now)

    found = [cluster for look in looks for cluster in clusters(look)]
    board, changes = revise(board, found, ranked, now=now, new_ids=new_ids)
    for look in looks:
        board = learned(
            board, [alert for key, alert in fresh.items() if key in look.scene.said], look.scene, now
        )
    return board, changes


def by_environment(alerts: Sequence[Alert]) -> list[list[Alert]]:
    """Alerts of different environments have nothing in common; one that tells none is of the commonest."""
    told = Counter(alert.environment for alert in alerts if alert.environment)
    commonest = max(told, key=lambda name: (told[name], name), default="")
    parts: dict[str, list[Alert]] = {}
    for alert in alerts:
        parts.setdefault(alert.environment or commonest, []).append(alert)
    return [parts[name] for name in sorted(parts)]


def pin_root(board: Board, incident: str, node: str) -> Board:
    """A person says which service (or infrastructure) is the root; it stays the root of that group."""
    reason = Reason(kind="marked")
    ranking = RootRanking(candidates=(Candidate(node=node, score=1.0, reasons=(reason,)),), clear=True)
    return _changed(board, incident, root=node, ranking=ranking)


def split(
    board: Board, incident: str, issue_ids: Iterable[str], new_id: str, *, now: datetime
) -> tuple[Board, list[Change]]:
    """A person says that the alerts of these issues are an incident of their own, now and later.

    Nothing changes when the group has none of them or nothing else.
    """
    wanted, group = set(issue_ids), board.group(incident)
    gone = tuple(alert for alert in group.alerts if alert.issue_id in wanted) if group else ()
    if group is None or not gone or len(gone) == len(group.alerts):
        return board, []
    keys = {alert.key for alert in gone}
    ranking = RootRanking(candidates=(Candidate(node=gone[0].service, score=0.5),))
    younger = Group(
        incident_id=new_id,
        opened_at=now,
        investigate_at=now,
        alerts=gone,
        ranking=ranking,
        apart=(incident,),
        by_hand=tuple(sorted(keys)),
    )
    board = _changed(
        board,
        incident,
        alerts=tuple(alert for alert in group.alerts if alert.key not in keys),
        apart=(*group.apart, new_id),
        by_hand=tuple(key for key in group.by_hand if key not in keys),
    )
    board = board.model_copy(update={"groups": (*board.groups, younger)})
    return board, [Opened(group=younger), Moved(alerts=gone, from_incident=incident, to_incident=new_id)]


def merge(board: Board, younger: str, older: str) -> tuple[Board, list[Change]]:
    """A person says that two incidents are one. Nothing changes when one of them is not on the board."""
    one, other = board.group(younger), board.group(older)
    if one is None or other is None or one is other:
        return board, []
    alerts = tuple(sorted((*one.alerts, *other.alerts), key=lambda alert: (alert.at, alert.key)))
    by_hand = tuple(sorted({*one.by_hand, *other.by_hand, *(alert.key for alert in one.alerts)}))
    apart = tuple(sorted({*one.apart, *other.apart} - {younger, older}))
    board = _changed(board, older, alerts=alerts, by_hand=by_hand, apart=apart)
    groups = tuple(group for group in board.groups if group.incident_id != younger)
    return board.model_copy(update={"groups": groups}), [Merged(younger=younger, older=older)]


def settled(board: Board, issue_ids: Iterable[str]) -> Board:
    """Issues were resolved or archived: their alerts attract nothing any more. A group of none is gone."""
    over = set(issue_ids)
    groups = (
        group.model_copy(update={"alerts": tuple(a for a in group.alerts if a.issue_id not in over)})
        for group in board.groups
    )
    return board.model_copy(update={"groups": tuple(group for group in groups if group.alerts)})


def _changed(board: Board, incident: str, **update: object) -> Board:
    groups = (
        group.model_copy(update=update) if group.incident_id == incident else group for group in board.groups
    )
    return board.model_copy(update={"groups": tuple(groups)})


def _alive(board: Board, now: datetime) -> Board:
    """Without groups that went quiet, and without the oldest when there are too many alerts."""
    groups = [group for group in board.groups if group.alerts[-1].received_at > now - ALIVE]
    while sum(len(group.alerts) for group in groups) > MAX_ALERTS:
        groups.remove(min(groups, key=lambda group: group.alerts[-1].received_at))
    return board.model_copy(update={"groups": tuple(groups)})


def _newest(names: Iterable[str], limit: int) -> tuple[str, ...]:
    """Without repetitions, the last mention counting."""
    return tuple(reversed(tuple(dict.fromkeys(reversed(tuple(names))))))[-limit:]
