"""When a finding becomes a page. Pure: what was known, what is found now, and the time give what to send.

A finding must last before it wakes anybody, and be gone for a while before it is over: what comes and goes
within these times is one alarm.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from investigator.health.rules import SEEN_WITHOUT_STORE, Severity
from investigator.health.words import Told
from investigator.models.base import Document, Value

HOLD_SECONDS = 30.0
CLEAR_SECONDS = 60.0

Action = Literal["trigger", "resolve"]


class Alarm(Document):
    """A finding that lasts, in seconds since 1970. `paged_at` 0: nobody was told yet.

    `severity` is the worst it had, so that whoever was woken by it also hears that it is over.
    """

    told: Told
    severity: Severity
    since: float
    seen_at: float
    paged_at: float = 0.0
    paged_severity: Severity | None = None


class Page(Value):
    """What pagers are to tell. `key` is the same for all that is said about an alarm, by any process.

    `alone`: the store is away, so others may be telling the same.
    """

    action: Action
    key: str
    severity: Severity
    what: str
    remedy: str
    anchor: str
    since: float
    again: bool = False
    alone: bool = False


Alarms = Mapping[str, Alarm]


def step(
    known: Alarms, found: Sequence[Told], *, now: float, again_seconds: float, blind: bool = False
) -> tuple[dict[str, Alarm], list[Page]]:
    """The alarms after this look, and what is to be told about them.

    `blind`: the look could not see the work; what it did not find there is not over.
    """
    alarms = {told.key: _seen(known.get(told.key), told, now) for told in found}
    pages: list[Page] = []
    for key, alarm in alarms.items():
        if _is_due(alarm, now, again_seconds):
            pages.append(_page("trigger", alarm, again=alarm.paged_severity == alarm.severity))
            told_now = {"paged_at": now, "paged_severity": alarm.severity}
            alarms[key] = alarm.model_copy(update=told_now)
    for key, alarm in known.items():
        if key in alarms:
            continue
        if now - alarm.seen_at < CLEAR_SECONDS or (blind and alarm.told.rule not in SEEN_WITHOUT_STORE):
            alarms[key] = alarm
        elif alarm.paged_at:
            pages.append(_page("resolve", alarm))
    return alarms, pages


def undone(after: Alarms, before: Alarms, failed: Sequence[str]) -> dict[str, Alarm]:
    """The alarms when nobody took the pages with these keys: they are told at the next look."""
    alarms = dict(after)
    for key in failed:
        if key in after and key not in before:
            alarms[key] = after[key].model_copy(update={"paged_at": 0.0, "paged_severity": None})
        elif key in after:
            was = before[key]
            again = {"paged_at": was.paged_at, "paged_severity": was.paged_severity}
            alarms[key] = after[key].model_copy(update=again)
        elif key in before:
            alarms[key] = before[key]
    return alarms


def together(known: Alarms, begun: Iterable[Alarm]) -> dict[str, Alarm]:
    """`known`, and what others began while they were alone: where one of them paged, it counts as paged."""
    alarms = dict(known)
    for alarm in begun:
        other = alarms.get(alarm.told.key, alarm)
        told = max(alarm, other, key=lambda each: each.paged_at)
        times = {"since": min(alarm.since, other.since), "seen_at": max(alarm.seen_at, other.seen_at)}
        alarms[alarm.told.key] = told.model_copy(update=times)
    return alarms


def _seen(before: Alarm | None, told: Told, now: float) -> Alarm:
    if before is None or (not before.paged_at and now - before.seen_at >= CLEAR_SECONDS):
        return Alarm(told=told, severity=told.severity, since=now, seen_at=now)
    worst: Severity = "critical" if "critical" in (before.severity, told.severity) else "warning"
    return before.model_copy(update={"told": told, "severity": worst, "seen_at": now})


def _is_due(alarm: Alarm, now: float, again_seconds: float) -> bool:
    if not alarm.paged_at:
        return now - alarm.since >= HOLD_SECONDS
    return alarm.paged_severity != alarm.severity or now - alarm.paged_at >= again_seconds


def _page(action: Action, alarm: Alarm, *, again: bool = False) -> Page:
    told = alarm.told
    return Page(
        action=action,
        key=f"incidentpilot:{told.key}",
        severity=alarm.severity,
        what=told.what,
        remedy=told.remedy,
        anchor=told.anchor,
        since=alarm.since,
        again=again,
    )
