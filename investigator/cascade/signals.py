"""What an error says beyond itself: which other systems failed it, and how. Pure, and raises on no text."""

from __future__ import annotations

from investigator.cascade.beside import failed_requests, is_own, own_places, peers
from investigator.cascade.consequences import is_consequence
from investigator.cascade.readings import Reading, readings_of, targets_of
from investigator.cascade.said import sayings
from investigator.cascade.signature import signature_of
from investigator.models.cascade import Signals, Target
from investigator.models.sentry import SentryEvent, SentryIssue

_MOST = 12


def signals_of(event: SentryEvent | None, issue: SentryIssue | None) -> Signals:
    """Read the event; where there is none, what the issue's title says.

    The address the failing program was asked at, and its own host, are no targets.
    """
    readings = readings_of(list(sayings(event, issue)))
    own = own_places(event)
    program = (event.project if event else None) or (issue.project if issue else None)
    found = [target for reading in readings for target in targets_of(reading)]
    targets = _merged(
        [target for target in (*found, *_beside(event, readings, found)) if not is_own(target, own)]
    )
    return Signals(
        targets=targets,
        signature=signature_of(event, issue),
        dependent=not targets
        and any(is_consequence(one.said, failed=one.failed, program=program) for one in readings),
        trace_id=event.trace_id if event else None,
        span_id=event.span_id if event else None,
        parent_span_id=event.parent_span_id if event else None,
    )


def _beside(event: SentryEvent | None, readings: list[Reading], found: list[Target]) -> list[Target]:
    """What the event says around its exceptions: failed requests, and the peer when they name nobody."""
    if event is None:
        return []
    failed = next((one for one in readings if one.symptom and one.failed), None)
    named = any(target.name for target in found)
    return [
        *(
            Target(kind=failed.system or "service", name=peer, symptom=failed.symptom)
            for peer in peers(event)
            if failed is not None and failed.symptom is not None and not named
        ),
        *failed_requests(event),
    ]


def _merged(found: list[Target]) -> tuple[Target, ...]:
    """Each system once, as the exception nearest the cause has it.

    The same name may be told with a port or a kind only further out; one without a name counts only where
    no system of its kind has one.
    """
    kept: list[Target] = []
    for target in found:
        place = next((i for i, other in enumerate(kept) if _same(target, other)), None)
        if place is None:
            kept.append(target)
        else:
            kept[place] = _joined(kept[place], target)
    named = {target.kind for target in kept if target.name}
    return tuple(one for one in kept if one.name or one.kind not in named)[:_MOST]


def _same(one: Target, other: Target) -> bool:
    ports = one.port is None or other.port is None or one.port == other.port
    kinds = one.kind == other.kind or "host" in (one.kind, other.kind)
    return one.name == other.name and ports and kinds


def _joined(first: Target, later: Target) -> Target:
    kind = later.kind if first.kind == "host" else first.kind
    return first.model_copy(
        update={"kind": kind, "port": first.port or later.port, "database": first.database or later.database}
    )
