"""Which errors were of one request: their events carry one trace id.

An alert tells of an issue's first event. In an outage many requests fail, and only at times is the one that
made a caller's issue also the one that made the issue of whom it called: that share is drawn.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import NamedTuple

from benchmarks.cascades.settings import Setting
from benchmarks.cascades.simulation import Error, Stream

_EARLIEST, _LATEST = timedelta(seconds=30), timedelta(seconds=2)  # of what failed below, before its caller
_NO_SPAN_BETWEEN = 0.5  # share of calls for which the SDK made no span of their own


class Trace(NamedTuple):
    """As in an event's `contexts.trace`, in hex."""

    trace_id: str
    span_id: str
    parent_span_id: str | None = None


def shared_traces(rng: random.Random, setting: Setting, stream: Stream) -> dict[str, Trace]:
    """Issue → the trace of its first event, for services that pass traces on."""
    passing = {service for service in stream.topology.services if rng.random() < setting.tracing}
    found: dict[str, Trace] = {}
    for error in sorted(stream.errors, key=lambda error: (error.seen, error.issue_id)):
        if error.service not in passing:
            continue
        span = rng.randbytes(8).hex()
        below = [other for other in stream.errors if other.issue_id in found and _of_callee(other, error)]
        if not below or rng.random() >= setting.one_request:
            found[error.issue_id] = Trace(rng.randbytes(16).hex(), span)
            continue
        called = rng.choice(below)
        trace = found[called.issue_id]
        found[error.issue_id] = Trace(trace.trace_id, span)
        if trace.parent_span_id is None and rng.random() < _NO_SPAN_BETWEEN:
            found[called.issue_id] = trace._replace(parent_span_id=span)
    return found


def _of_callee(other: Error, error: Error) -> bool:
    """Whether the request that failed in one can be the one that failed in whom it called."""
    near = -_LATEST <= error.seen - other.seen <= _EARLIEST
    return near and other.service == error.callee and other.incident == error.incident
