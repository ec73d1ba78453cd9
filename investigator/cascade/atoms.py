"""Alerts that can hardly be of different incidents, so that only few things are left to weigh. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from investigator.cascade.scene import Scene
from investigator.models.cascade import Alert

_SURE = 0.6  # how likely an error must name a node for that to tie alerts together
_TOGETHER = timedelta(seconds=60)
_NAMED_TOGETHER = timedelta(minutes=3)  # what errors name seldom fails twice in so short a time


def atoms(scene: Scene) -> list[list[Alert]]:
    """Alike alerts of one service, alerts that name one node, and those with what the named service says.

    A fault of the named service's own is left out when it complains of others as well: then it may be a
    stranger's.
    """
    ties = _Ties(scene.alerts)
    newest: dict[object, Alert] = {}
    named: dict[str, list[Alert]] = {}
    for alert in scene.alerts:
        said = scene.said[alert.key]
        node, vote = max(said.votes.items(), key=lambda each: (each[1], each[0]), default=("", 0.0))
        marks: list[object] = [said] if said.votes or said.dependent else [(said, alert.signals.signature)]
        if vote >= _SURE:
            marks.append(node)
            named.setdefault(node, []).append(alert)
        for mark in marks:
            within = _NAMED_TOGETHER if mark == node else _TOGETHER
            if mark in newest and alert.at - newest[mark].at <= within:
                ties.tie(newest[mark], alert)
            newest[mark] = alert
    for node, naming in named.items():
        for alert in naming:
            if complaint := _complaint(scene, node, alert):
                ties.tie(alert, complaint)
    return ties.groups()


def _complaint(scene: Scene, service: str, naming: Alert) -> Alert | None:
    """What a named service says of itself at that time, preferring what looks like somebody else's fault."""
    near = [alert for alert in scene.of(service) if abs(alert.at - naming.at) <= _TOGETHER]
    others = [alert for alert in near if scene.said[alert.key].votes or alert.signals.dependent]
    if len({tuple(scene.said[alert.key].votes) for alert in others}) > 1:
        return None  # it complains of several: which of them is meant is to be weighed
    return min(others or near, key=lambda alert: (abs(alert.at - naming.at), alert.key), default=None)


class _Ties:
    """Disjoint sets of alerts."""

    def __init__(self, alerts: Sequence[Alert]) -> None:
        self._alerts = alerts
        self._parent = {alert.key: alert.key for alert in alerts}

    def tie(self, one: Alert, other: Alert) -> None:
        self._parent[self._find(one.key)] = self._find(other.key)

    def groups(self) -> list[list[Alert]]:
        found: dict[str, list[Alert]] = {}
        for alert in self._alerts:
            found.setdefault(self._find(alert.key), []).append(alert)
        return list(found.values())

    def _find(self, key: str) -> str:
        while self._parent[key] != key:
            self._parent[key] = self._parent[self._parent[key]]
            key = self._parent[key]
        return key
