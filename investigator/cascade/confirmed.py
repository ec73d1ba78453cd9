"""What people's word on cascades teaches for the next one like it. Pure.

A confirmed root makes edges from those it hit, which weigh like others that were learned: below the
catalogue's. And it speaks for the root where much the same services fail again, less as time goes by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from investigator.cascade.graph import Graph
from investigator.models.cascade import Board, ConfirmedRoot, LearnedEdge

FORGOTTEN_AFTER = timedelta(days=180)
_HALVED_AFTER = timedelta(days=60)
_MOST, _MOST_SERVICES = 200, 100
_ALIKE = 0.5  # share of services that two cascades must have in common
_SPEAKS = 6.0  # for the root where all services are the same, as a natural logarithm


def confirm(board: Board, incident: str, root: str, services: Iterable[str], *, at: datetime) -> Board:
    """People say that what hit these services began with the root; of an incident the last word counts."""
    victims = tuple(sorted(set(services) - {root}))[:_MOST_SERVICES]
    kept = [one for one in board.confirmed if one.incident != incident]
    if victims:
        kept.append(ConfirmedRoot(incident=incident, root=root, services=victims, at=at))
    return board.model_copy(update={"confirmed": tuple(kept[-_MOST:])})


def withdraw(board: Board, incident: str, services: Iterable[str]) -> Board:
    """People say that these services had nothing to do with the incident."""
    gone = set(services)
    lessons = (
        one.model_copy(update={"services": tuple(s for s in one.services if s not in gone)})
        if one.incident == incident
        else one
        for one in board.confirmed
    )
    return board.model_copy(update={"confirmed": tuple(one for one in lessons if one.services)})


def without(board: Board, incidents: Iterable[str]) -> Board:
    """The board without what these incidents taught."""
    gone = set(incidents)
    return board.model_copy(
        update={"confirmed": tuple(one for one in board.confirmed if one.incident not in gone)}
    )


def confirmed_edges(board: Board, graph: Graph) -> list[LearnedEdge]:
    """From every victim to its root, unless the catalogue says that the root depends on the victim."""
    edges: dict[tuple[str, str], LearnedEdge] = {}
    for one in board.confirmed:
        above = _all_below(one.root, graph)
        for service in one.services:
            if service not in above:
                before = edges.get((service, one.root))
                edges[service, one.root] = LearnedEdge(
                    caller=service,
                    callee=one.root,
                    seen=before.seen + 1 if before else 1,
                    last_at=max(before.last_at, one.at) if before else one.at,
                    source="confirmed",
                )
    return list(edges.values())


def speaking_for(
    board: Board, services: Iterable[str], now: datetime
) -> Mapping[str, tuple[float, datetime]]:
    """Root → how much people's word speaks for it when these services fail, and when they said so last."""
    failing, found = set(services), dict[str, tuple[float, datetime]]()
    for one in board.confirmed:
        hit, there = set(one.services), failing - {one.root}
        alike = len(hit & there) / len(hit | there)
        if alike < _ALIKE:
            continue
        worth = _SPEAKS * alike * 0.5 ** (max(now - one.at, timedelta(0)) / _HALVED_AFTER)
        before = found.get(one.root, (0.0, one.at))
        found[one.root] = (max(worth, before[0]), max(one.at, before[1]))
    return found


def _all_below(node: str, graph: Graph) -> set[str]:
    """What the catalogue says that a node depends on, directly or not."""
    found, front = set[str](), [node]
    while front:
        more = graph.depends_on.get(front.pop(), frozenset()) - found
        found |= more
        front += more
    return found
