"""What every log line of a job carries: the job, and the incident and run it is about."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_TOLD = {"incident_id": "incident", "run": "run"}


def told_of(function: Callable[..., Any], arguments: Sequence[Any]) -> dict[str, Any]:
    """The keys of log lines, from a job's function and what it was given."""
    bound: Mapping[str, Any] = inspect.signature(function).bind_partial(*arguments).arguments
    return {key: bound[name] for name, key in _TOLD.items() if name in bound}
