"""Who called whom, as far as the traces of errors in several projects tell. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta

from investigator.cascade.graph import Graph
from investigator.models.cascade import Alert

_ONE_REQUEST = timedelta(seconds=60)
_MOST = 30  # errors of one trace: an id that more share is a page's or a program's, and no request's


def failed_below(alerts: Sequence[Alert], graph: Graph) -> Mapping[str, str]:
    """Alert key → the other service in which the same request failed further down, and most likely first."""
    of_trace: dict[str, list[Alert]] = {}
    for alert in alerts:
        trace = alert.signals.trace_id
        if trace and trace.strip("0"):  # all zeros means none
            of_trace.setdefault(trace, []).append(alert)
    found = {}
    for together in of_trace.values():
        for alert in together if len(together) <= _MOST else ():
            below = [other for other in together if _is_below(other, alert, graph)]
            if below:
                found[alert.key] = min(below, key=lambda other: (other.at, other.key)).service
    return found


def _is_below(other: Alert, alert: Alert, graph: Graph) -> bool:
    """Whether the request went on from the alert to the other; the clock tells if nothing else does."""
    if other.service == alert.service or abs(other.at - alert.at) > _ONE_REQUEST:
        return False
    for upper, lower in ((alert, other), (other, alert)):
        called = upper.signals.span_id and upper.signals.span_id == lower.signals.parent_span_id
        if called or lower.service in graph.depends_on.get(upper.service, ()):
            return lower is other
    if _looks_own(other) != _looks_own(alert):
        return _looks_own(other)
    return (other.at, other.key) < (alert.at, alert.key)


def _looks_own(alert: Alert) -> bool:
    return not alert.signals.dependent and not alert.signals.targets


def calls_in(alerts: Sequence[Alert], fresh: Collection[str]) -> Iterable[tuple[str, str]]:
    """Pairs of a caller and whom it called, each once, for traces that one of the fresh alerts (keys) is in.

    An error tells its span and the span above it. Where that one is of another service's error, that service
    has called. Spans between the two that no error is in leave it open, and then nothing is told.
    """
    spans: dict[tuple[str | None, str | None], Alert] = {
        (alert.signals.trace_id, alert.signals.span_id): alert
        for alert in alerts
        if alert.signals.trace_id and alert.signals.span_id
    }
    found: dict[tuple[str, str], None] = {}
    for alert in alerts:
        above = spans.get((alert.signals.trace_id, alert.signals.parent_span_id))
        if above is None or above.service == alert.service or not {above.key, alert.key} & set(fresh):
            continue
        found[above.service, alert.service] = None
    return found
