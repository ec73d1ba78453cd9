"""Who called whom, as far as the traces of errors in several projects tell. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from investigator.models.cascade import Alert


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
