"""How the outside last treated us, shared by all processes: by service, since when it fails and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from redis.asyncio.client import Pipeline

from investigator import keys
from investigator.store import decoded

SLACK, MODELS = "slack", "models"


@dataclass(frozen=True, slots=True)
class Results:
    """Times are seconds since 1970, 0 for never. While it works, `failing_since` is 0."""

    ok_at: float = 0.0
    failing_since: float = 0.0
    why: str = ""


def queue_result(pipe: Pipeline, service: str, why: str | None, now: float) -> None:
    """Queue the note that `service` answered well, or with `why` that it did not."""
    key = keys.outside(service)
    if why is None:
        pipe.hset(key, "ok_at", str(now))
        pipe.hdel(key, "failing_since", "why")
    else:
        pipe.hsetnx(key, "failing_since", str(now))
        pipe.hset(key, "why", why)


def results_of(notes: Mapping[bytes | str, bytes | str]) -> Results:
    told = {decoded(name): decoded(value) for name, value in notes.items()}
    return Results(float(told.get("ok_at", 0)), float(told.get("failing_since", 0)), told.get("why", ""))
