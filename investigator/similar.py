"""Past incidents that look like this one: the same issue, the same error, or the same suspect. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from investigator.cascade.signature import signature_of
from investigator.models.base import Value
from investigator.models.incident import Incident

MOST = 5
Reason = Literal["issue", "error", "suspect"]
_ORDER: tuple[Reason, ...] = ("issue", "suspect", "error")


class Similar(Value):
    """`reasons` are the strongest first."""

    incident: Incident
    reasons: tuple[Reason, ...]


def similar_to(incident: Incident, others: Iterable[Incident]) -> list[Similar]:
    """The most alike first, and of those the newest; at most `MOST`."""
    found = [
        Similar(incident=other, reasons=reasons)
        for other in others
        if other.id != incident.id and (reasons := _reasons(incident, other))
    ]
    found.sort(key=lambda each: each.incident.opened_at, reverse=True)
    return sorted(found, key=lambda each: (_ORDER.index(each.reasons[0]), -len(each.reasons)))[:MOST]


def _reasons(one: Incident, other: Incident) -> tuple[Reason, ...]:
    same = {
        "issue": bool(set(one.issue_ids) & set(other.issue_ids)),
        "suspect": bool(_suspects(one) & _suspects(other)),
        "error": bool(_signature(one)) and _signature(one) == _signature(other),
    }
    return tuple(reason for reason in _ORDER if same[reason])


def _suspects(incident: Incident) -> set[str]:
    """Only the newest verdict of each counts: an earlier one was taken back."""
    done = [run.suspect for run in incident.runs if run.state == "done"]
    return {done[-1]} if done and done[-1] else set()


def _signature(incident: Incident) -> str:
    return signature_of(incident.event, incident.issue)
