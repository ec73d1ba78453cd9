"""From a new split of the alerts to what changes for the incidents that are there already. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from investigator.models.cascade import (
    Alert,
    Board,
    Change,
    Group,
    Joined,
    Merged,
    Moved,
    Opened,
    RootMoved,
    RootRanking,
)

Rank = Callable[[Sequence[Alert]], RootRanking]

PATIENCE = timedelta(seconds=20)  # what looks like a consequence waits that long for its cause


def revise(
    board: Board, found: Sequence[Sequence[Alert]], rank: Rank, *, now: datetime, new_ids: Iterator[str]
) -> tuple[Board, list[Change]]:
    """Give every cluster the incident that most of it is in already, else a new one; people's word stands."""
    owner = {alert.key: group.incident_id for group in board.groups for alert in group.alerts}
    fixed = {key: group.incident_id for group in board.groups for key in group.by_hand}
    parts = [part for cluster in found for part in _by_hand_apart(cluster, fixed, board)]
    drafts: dict[str, list[Alert]] = {}
    for part, incident in _claims(parts, board, owner):
        drafts.setdefault(incident or next(new_ids), []).extend(part.alerts)
    groups = [
        _group(board.group(incident), incident, alerts, rank, now) for incident, alerts in drafts.items()
    ]
    groups.sort(key=lambda group: (group.opened_at, group.alerts[0].at, group.incident_id))
    changes = _changes(board, groups, owner)
    return board.model_copy(update={"groups": tuple(groups)}), changes


@dataclass(frozen=True, slots=True)
class _Part:
    """Alerts that stay together, and the incident they are bound to, if a person bound them."""

    alerts: tuple[Alert, ...]
    bound: str | None


def _by_hand_apart(cluster: Sequence[Alert], fixed: Mapping[str, str], board: Board) -> list[_Part]:
    """What a person placed stays there; the others of its cluster follow unless they are kept apart."""
    bound: dict[str, list[Alert]] = {}
    free: list[Alert] = []
    for alert in cluster:
        if alert.key in fixed:
            bound.setdefault(fixed[alert.key], []).append(alert)
        else:
            free.append(alert)
    if not bound:
        return [_Part(tuple(cluster), None)]
    target = max(bound, key=lambda incident: len(bound[incident]))
    group = board.group(target)
    placed = {
        key for each in board.groups if group and each.incident_id in group.apart for key in _keys(each)
    }
    if free and not any(alert.key in placed for alert in free):
        bound[target].extend(free)
        free = []
    parts = [_Part(tuple(alerts), incident) for incident, alerts in bound.items()]
    return [*parts, _Part(tuple(free), None)] if free else parts


def _keys(group: Group) -> set[str]:
    return {alert.key for alert in group.alerts}


def _claims(parts: Sequence[_Part], board: Board, owner: Mapping[str, str]) -> list[tuple[_Part, str | None]]:
    """Older incidents choose first, each the part that has most of its alerts."""
    taken: dict[int, str] = {index: part.bound for index, part in enumerate(parts) if part.bound}
    shares: dict[str, Counter[int]] = {}
    for index, part in enumerate(parts):
        for alert in part.alerts:
            if alert.key in owner and part.bound is None:
                shares.setdefault(owner[alert.key], Counter())[index] += 1
    for group in board.groups:
        for index, _ in sorted(shares.get(group.incident_id, Counter()).items(), key=lambda s: (-s[1], s[0])):
            if index in taken:
                break
            taken[index] = group.incident_id
            break
    return [(part, taken.get(index)) for index, part in enumerate(parts)]


def _group(before: Group | None, incident: str, members: Sequence[Alert], rank: Rank, now: datetime) -> Group:
    alerts = tuple(sorted(members, key=lambda alert: (alert.at, alert.key)))
    if before is None:
        waits = all(alert.signals.dependent or alert.signals.targets for alert in alerts)
        return Group(
            incident_id=incident,
            opened_at=now,
            investigate_at=now + PATIENCE if waits else now,
            alerts=alerts,
            ranking=rank(alerts),
        )
    ranking = before.ranking if before.root else rank(alerts)
    return before.model_copy(update={"alerts": alerts, "ranking": ranking})


def _changes(board: Board, groups: Sequence[Group], owner: Mapping[str, str]) -> list[Change]:
    before = {group.incident_id: group for group in board.groups}
    after = {alert.key: group.incident_id for group in groups for alert in group.alerts}
    alive = {group.incident_id for group in groups}
    changes: list[Change] = [Opened(group=group) for group in groups if group.incident_id not in before]
    for group in board.groups:
        went: dict[str, list[Alert]] = {}
        for alert in group.alerts:
            if (incident := after[alert.key]) != group.incident_id:
                went.setdefault(incident, []).append(alert)
        older = None
        if group.incident_id not in alive:
            older = max(went, key=lambda incident: len(went[incident]))
        changes.extend(
            Moved(alerts=tuple(alerts), from_incident=group.incident_id, to_incident=incident)
            for incident, alerts in went.items()
            if incident != older
        )
        if older is not None:
            changes.append(Merged(younger=group.incident_id, older=older))
    for group in groups:
        known = before.get(group.incident_id)
        if known is None:
            continue
        fresh = (alert for alert in group.alerts if alert.key not in owner)
        changes.extend(Joined(incident_id=group.incident_id, alert=alert) for alert in fresh)
        was, now_first = known.ranking.first, group.ranking.first
        if was and now_first and was.node != now_first.node:
            moved = RootMoved(incident_id=group.incident_id, before=known.ranking, after=group.ranking)
            changes.append(moved)
    return changes
