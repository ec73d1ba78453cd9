"""Counters that outlive the processes that count: an RQ job's own metrics die with its process.

They are kept in one hash of the store. Every web process shows the same numbers: over several of them take
the maximum, not the sum.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import structlog
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.asyncio import Redis

from investigator import keys
from investigator.errors import StoreUnavailable
from investigator.histograms import HISTOGRAMS
from investigator.store import as_unavailable

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StoredCounter:
    """`name` is without `_total`; `labels` are the names of its labels."""

    name: str
    documentation: str
    labels: tuple[str, ...] = ()

    async def add(self, store: Redis, *values: str, amount: int = 1) -> None:
        """Count, with a value for each label. What cannot be counted now is logged: work goes on."""
        if len(values) != len(self.labels):
            raise ValueError(f"{self.name} has the labels {self.labels}, got the values {values}")
        try:
            with as_unavailable():
                await store.hincrby(keys.COUNTERS, json.dumps([self.name, *values]), amount)
        except StoreUnavailable as error:
            log.warning("not_counted", counter=self.name, labels=values, error=str(error))


INVESTIGATIONS = StoredCounter("pilot_investigations", "Runs carried out, by how they ended.", ("result",))
RECONCILE_SWEEPS = StoredCounter(
    "pilot_reconcile_sweeps", "Sweeps of Sentry, by how they ended.", ("result",)
)
RECONCILE_DELIVERIES = StoredCounter(
    "pilot_reconcile_deliveries", "What no webhook told us and a sweep of Sentry found."
)
GITHUB_REQUESTS = StoredCounter(
    "pilot_github_requests",
    "Requests to GitHub by the credential's fingerprint, kind and result.",
    ("credential", "kind", "result"),
)
GITHUB_CACHE = StoredCounter(
    "pilot_github_cache", "Pieces of GitHub's answers, by whether they were known already.", ("result",)
)
AI_UNAVAILABLE = StoredCounter(
    "pilot_ai_unavailable", "Runs whose report had to do without an analysis, by why.", ("reason",)
)
LLM_REQUESTS = StoredCounter(
    "pilot_llm_requests",
    "Requests to language models, by what became of them.",
    ("provider", "model", "result"),
)
SLACK_REQUESTS = StoredCounter(
    "pilot_slack_requests", "Calls of Slack's Web API, by method and result.", ("method", "result")
)
PAGES = StoredCounter("pilot_pages", "What pagers were told, by pager and result.", ("pager", "result"))
ALL = (
    INVESTIGATIONS,
    RECONCILE_SWEEPS,
    RECONCILE_DELIVERIES,
    GITHUB_REQUESTS,
    GITHUB_CACHE,
    AI_UNAVAILABLE,
    LLM_REQUESTS,
    SLACK_REQUESTS,
    PAGES,
)


class StoredCounters(Collector):
    """What `/metrics` shows of them, as of the last `refresh`."""

    def __init__(self) -> None:
        self._counts: Mapping[bytes | str, bytes | str] = {}

    async def refresh(self, store: Redis) -> None:
        """Raises: StoreUnavailable; the numbers stay what they were."""
        with as_unavailable():
            self._counts = await store.hgetall(keys.COUNTERS)

    def collect(self) -> Iterator[Metric]:
        families = {c.name: CounterMetricFamily(c.name, c.documentation, labels=c.labels) for c in ALL}
        for field, count in self._counts.items():
            name, *values = json.loads(field)
            if name in families:  # the next version, which counts more, may be running already
                families[name].add_metric(values, float(count))
        yield from families.values()
        yield from (histogram.family(self._counts) for histogram in HISTOGRAMS)
