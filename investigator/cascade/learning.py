"""What alerts teach for later: edges the catalogue lacks, addresses of nodes, changes of release. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from investigator.cascade.scene import Scene
from investigator.models.cascade import Alert, Board, KnownRelease, LearnedAlias, LearnedEdge

_CERTAIN = 0.9  # how likely an error must name a node for an edge to be learned from it
_WITNESSES = 2  # services that must agree on an address
_MOST = 500  # of each kind; the ones seen longest ago are forgotten


def learned(board: Board, fresh: Sequence[Alert], scene: Scene, now: datetime) -> Board:
    """The board with what the fresh alerts of a scene add; nothing the catalogue says is learned again."""
    return board.model_copy(
        update={
            "edges": _edges(board.edges, fresh, scene, now),
            "aliases": _aliases(board.aliases, scene, now),
            "releases": _releases(board.releases, fresh),
        }
    )


def _edges(
    known: Sequence[LearnedEdge], fresh: Sequence[Alert], scene: Scene, now: datetime
) -> tuple[LearnedEdge, ...]:
    edges = {(edge.caller, edge.callee): edge for edge in known}
    for alert in fresh:
        for callee, vote in scene.said[alert.key].votes.items():
            declared = scene.graph.depends_on.get(alert.service, frozenset())
            if vote < _CERTAIN or callee in declared or not scene.known(callee):
                continue
            before = edges.pop((alert.service, callee), None)
            edges[alert.service, callee] = LearnedEdge(
                caller=alert.service, callee=callee, seen=before.seen + 1 if before else 1, last_at=now
            )
    return tuple(edges.values())[-_MOST:]


def _aliases(known: Sequence[LearnedAlias], scene: Scene, now: datetime) -> tuple[LearnedAlias, ...]:
    aliases = {alias.host: alias for alias in known}
    told: Mapping[str, tuple[str, tuple[str, ...]]] = scene.mentions.aliases
    for host, (node, services) in told.items():
        if len(services) >= _WITNESSES:
            aliases.pop(host, None)
            aliases[host] = LearnedAlias(host=host, node=node, services=services, last_at=now)
    return tuple(aliases.values())[-_MOST:]


def _releases(known: Sequence[KnownRelease], fresh: Sequence[Alert]) -> tuple[KnownRelease, ...]:
    releases = {each.service: each for each in known}
    for alert in sorted(fresh, key=lambda alert: (alert.at, alert.key)):
        before = releases.get(alert.service)
        if alert.release is None or (before and before.release == alert.release):
            continue
        if before and alert.at < before.since:
            continue  # a late alert of an older release
        releases.pop(alert.service, None)
        releases[alert.service] = KnownRelease(
            service=alert.service,
            release=alert.release,
            since=alert.at,
            before=before.release if before else None,
        )
    return tuple(releases.values())[-_MOST:]
