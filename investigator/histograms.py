"""Histograms that outlive the processes that measure, kept beside the counters in one hash of the store."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import structlog
from prometheus_client.core import HistogramMetricFamily
from redis.asyncio import Redis

from investigator import keys
from investigator.errors import StoreUnavailable
from investigator.store import as_unavailable

log = structlog.get_logger(__name__)

_SUM, _MORE = "sum", "+Inf"


@dataclass(frozen=True, slots=True)
class StoredHistogram:
    """`bounds` are the upper ends of its buckets, in seconds and growing; what is longer has one more."""

    name: str
    documentation: str
    bounds: tuple[float, ...]

    async def observe(self, store: Redis, seconds: float) -> None:
        """What cannot be counted now is logged: work goes on."""
        bound = next((str(end) for end in self.bounds if seconds <= end), _MORE)
        try:
            with as_unavailable():
                async with store.pipeline(transaction=True) as pipe:
                    pipe.hincrby(keys.COUNTERS, json.dumps([self.name, bound]), 1)
                    pipe.hincrbyfloat(keys.COUNTERS, json.dumps([self.name, _SUM]), seconds)
                    await pipe.execute()
        except StoreUnavailable as error:
            log.warning("not_observed", histogram=self.name, error=str(error))

    def family(self, counts: Mapping[bytes | str, bytes | str]) -> HistogramMetricFamily:
        """What `/metrics` shows of it, from the whole hash."""
        own = {
            name[1]: float(count)
            for field, count in counts.items()
            if (name := json.loads(field))[0] == self.name and len(name) == 2
        }
        buckets = list(_cumulated(own, [*map(str, self.bounds), _MORE]))
        return HistogramMetricFamily(
            self.name, self.documentation, buckets=buckets, sum_value=own.get(_SUM, 0.0)
        )


def _cumulated(own: Mapping[str, float], bounds: list[str]) -> Iterator[tuple[str, float]]:
    total = 0.0
    for bound in bounds:
        total += own.get(bound, 0.0)
        yield bound, total


INVESTIGATION_SECONDS = StoredHistogram(
    "pilot_investigation_seconds",
    "How long a run took, from its start to the final thread.",
    (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120),
)
CANARY_SECONDS = StoredHistogram(
    "pilot_canary_seconds",
    "From sending a trial webhook to the end of its job.",
    (0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60),
)
HISTOGRAMS = (INVESTIGATION_SECONDS, CANARY_SECONDS)
