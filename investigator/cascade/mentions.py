"""Which nodes the errors name, as far as can be told from all alerts together. Pure.

A name that fits no node can still be known by who uses it: services that all depend on one store and all name
one unknown host have told the store's address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from investigator.cascade.graph import Graph
from investigator.cascade.names import Directory, compatible, kind_of, telling, uncharted
from investigator.cascade.traces import failed_below
from investigator.models.cascade import Alert, Board, Target, TargetKind

Votes = Mapping[str, float]  # node → how likely the error names it; sums to at most 1

_LACKS_EDGE = 0.12  # a service depends on what the catalogue does not say
_UNCHARTED = 0.05  # an address is of something that no catalogue knows
_NO_SERVICE = 0.3  # what was taken for a service is a store
_TRACED = 0.85  # what fails further down in a request is what the rest of it fails by
_REMEMBERED = 30.0  # how much likelier a learned alias makes its node
_WORDS = re.compile(r"[a-z][a-z0-9_-]{2,60}")


@dataclass(frozen=True, slots=True)
class Mentions:
    """`votes` by alert key. `aliases` are hosts that were told by who uses them: host → (node, services).

    `hosts`: alert key → node → as it was written. `traced`: alert key → the service that it is taken to name
    because a request failed in both.
    """

    votes: Mapping[str, Votes]
    aliases: Mapping[str, tuple[str, tuple[str, ...]]]
    hosts: Mapping[str, Mapping[str, str]]
    traced: Mapping[str, str]


def read_mentions(alerts: Sequence[Alert], graph: Graph, board: Board) -> Mentions:
    directory = Directory({*graph.depends_on, *board.reporters, *(alert.service for alert in alerts)})
    found: dict[tuple[str, str], dict[str, float]] = {}
    unknown: dict[tuple[str, str], tuple[Target, set[str]]] = {}
    for alert in alerts:
        for target in alert.signals.targets:
            if target.name is not None and (target.kind, target.name) not in found:
                nodes = _meant(target, directory)
                if nodes:
                    found[target.kind, target.name] = dict.fromkeys(nodes, 1 / len(nodes))
                else:
                    unknown.setdefault((target.kind, target.name), (target, set()))[1].add(alert.service)
    aliases = {}
    remembered = {alias.host: alias.node for alias in board.aliases}
    for key, (target, services) in unknown.items():
        found[key] = _by_users(target, services, graph, remembered.get(target.name or ""))
        node, vote = max(found[key].items(), key=lambda item: (item[1], item[0]))
        if vote > 0.6 and node in graph.depends_on:
            aliases[target.name or ""] = (node, tuple(sorted(services)))
    votes, hosts, traced = {}, {}, {}
    below = failed_below(alerts, graph)
    unnamed = {each.kind: each for alert in alerts for each in alert.signals.targets if each.name is None}
    there = {kind: _there(target, graph, found.values()) for kind, target in unnamed.items()}
    for alert in alerts:
        votes[alert.key], hosts[alert.key] = _votes(alert, found, graph, there)
        if not votes[alert.key] and alert.key in below:
            traced[alert.key] = below[alert.key]
            votes[alert.key] = {below[alert.key]: _TRACED}
        elif not votes[alert.key] and alert.signals.dependent:
            votes[alert.key] = _by_words(alert, graph, directory)
    return Mentions(votes, aliases, hosts, traced)


def _meant(target: Target, directory: Directory) -> list[str]:
    for name in (target.name, target.database):
        if name and (nodes := directory.find(name, target)):
            return nodes
    return []


def _by_users(target: Target, services: set[str], graph: Graph, remembered: str | None) -> dict[str, float]:
    """What the services that name an unknown host have in common."""
    shares: dict[str, float] = {}
    if target.kind not in ("service", "host"):  # too many could be meant
        shares = dict.fromkeys((node for node in graph.depends_on if compatible(node, target)), 1.0)
    for service in services:
        for node in (*graph.depends_on.get(service, ()), *graph.learned_on.get(service, ())):
            if compatible(node, target):
                shares[node] = 1.0
            elif target.kind == "service":  # said of any address that no driver is known to speak to
                shares[node] = _NO_SERVICE
    for node in shares:
        for service in services:
            if node not in graph.depends_on.get(service, ()):
                shares[node] *= _LACKS_EDGE
        if node == remembered:
            shares[node] *= _REMEMBERED
    shares[uncharted(target)] = _UNCHARTED
    total = sum(shares.values())
    return {node: share / total for node, share in shares.items()}


def _votes(
    alert: Alert,
    found: Mapping[tuple[str, str], Votes],
    graph: Graph,
    there: Mapping[TargetKind, Votes],
) -> tuple[dict[str, float], dict[str, str]]:
    votes: dict[str, float] = {}
    hosts: dict[str, str] = {}
    for target in alert.signals.targets:
        named = target.name is not None
        key = (target.kind, target.name or "")
        shares = found[key] if named else _of_kind(target, alert.service, graph) or there[target.kind]
        for node, share in shares.items():
            if node != alert.service and share > votes.get(node, 0.02):
                votes[node] = share
                hosts[node] = target.name or target.kind
    return votes, hosts


def _of_kind(target: Target, service: str, graph: Graph) -> Votes:
    """What an error means that says which kind of system failed and not which: one that the service uses."""
    used = sorted(node for node in graph.depends_on.get(service, ()) if compatible(node, target))
    return dict.fromkeys(used, 0.9 / len(used)) if used else {}


def _there(target: Target, graph: Graph, named: Iterable[Votes]) -> Votes:
    """… else one that the catalogue knows; where it knows none of that kind, one that other errors name."""
    if target.kind == "service":
        return {}
    there = {node for node in graph.depends_on if compatible(node, target)} or {
        node
        for votes in named
        for node, vote in votes.items()
        if vote > 0.5 and kind_of(node) and compatible(node, target)
    }
    return dict.fromkeys(sorted(there), 0.5 / len(there)) if there else {}


def _by_words(alert: Alert, graph: Graph, directory: Directory) -> dict[str, float]:
    """Dependencies that the message or a frame (`clients.payments:charge`) has the telling words of."""
    words: set[str] = set()
    for word in _WORDS.findall(alert.signals.signature.lower()):
        words |= telling(word.replace("_", "-"))
    own = telling(alert.service)
    hits = [
        node
        for node in sorted(graph.depends_on.get(alert.service, ()))
        if (parts := telling(node) - own) and parts <= words
    ]
    return dict.fromkeys(hits, 0.8 / len(hits)) if hits else {}
