"""What every log line of a job carries: the job, its incident and run, the delivery that caused it.

Delivery and trace are handed on in the job's `meta`, from whoever enqueues to whoever carries it out.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from structlog.contextvars import get_contextvars

from investigator.tracing import traceparent

_TOLD = {"incident_id": "incident", "run": "run"}


def told_of(function: Callable[..., Any], arguments: Sequence[Any]) -> dict[str, Any]:
    """The keys of log lines, from a job's function and what it was given."""
    bound: Mapping[str, Any] = inspect.signature(function).bind_partial(*arguments).arguments
    return {key: bound[name] for name, key in _TOLD.items() if name in bound}


def handed_on() -> dict[str, str]:
    """What a job enqueued now is to know of where it comes from."""
    told = {"delivery": str(get_contextvars().get("delivery") or ""), "traceparent": traceparent()}
    return {name: value for name, value in told.items() if value}


def delivery_of(meta: Mapping[str, Any]) -> dict[str, str]:
    """The key of log lines, if the job has one."""
    found = meta.get("delivery")
    return {"delivery": found} if isinstance(found, str) else {}


def causes_of(meta: Mapping[str, Any]) -> tuple[str, ...]:
    """The trace that the job continues, if there is one."""
    found = meta.get("traceparent")
    return (found,) if isinstance(found, str) else ()
