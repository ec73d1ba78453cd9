"""What alerts teach for later: edges the catalogue lacks, addresses of nodes, changes of release. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from investigator.cascade.confirmed import FORGOTTEN_AFTER
from investigator.cascade.scene import Scene
from investigator.cascade.traces import calls_in
from investigator.models.cascade import Alert, Board, EdgeSource, KnownRelease, LearnedAlias, LearnedEdge

_CERTAIN = 0.9  # how likely an error must name a node for an edge to be learned from it
_WITNESSES = 2  # services that must agree on an address
_MOST = 500  # of each kind; the ones seen longest ago are forgotten
_LASTS = timedelta(days=30)  # what was seen once; what was seen twice is remembered for twice as long, …
_AT_MOST = 4  # … and so on, up to this many times


def faded(board: Board, now: datetime) -> Board:
    """The board without what was learned so long ago that it may not hold any more."""
    edges = (edge for edge in board.edges if now - edge.last_at < _LASTS * min(edge.seen, _AT_MOST))
    aliases = (alias for alias in board.aliases if now - alias.last_at < _LASTS * _AT_MOST)
    confirmed = (one for one in board.confirmed if now - one.at < FORGOTTEN_AFTER)
    return board.model_copy(
        update={"edges": tuple(edges), "aliases": tuple(aliases), "confirmed": tuple(confirmed)}
    )


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

    def see(caller: str, callee: str, source: EdgeSource) -> None:
        if callee in scene.graph.depends_on.get(caller, frozenset()):
            return
        before = edges.pop((caller, callee), None)
        seen = before.seen + 1 if before else 1
        edges[caller, callee] = LearnedEdge(
            caller=caller, callee=callee, seen=seen, last_at=now, source=source
        )

    for alert in fresh:
        for callee, vote in scene.said[alert.key].votes.items():
            if vote >= _CERTAIN and scene.known(callee):
                see(alert.service, callee, "named")
    for caller, callee in calls_in(scene.alerts, {alert.key for alert in fresh}):
        see(caller, callee, "trace")
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
