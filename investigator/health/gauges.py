"""A snapshot as metrics. Pure. Labels are bounded: rules, machines, credentials, configured models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from prometheus_client.core import GaugeMetricFamily

from investigator.health.rules import PLACE_STOPPED, findings
from investigator.health.snapshot import Flow, Snapshot

Sample = tuple[Sequence[str], float]


def gauges(snapshot: Snapshot) -> Iterator[GaugeMetricFamily]:
    """Those of the flow are missing while the store is away: an old number would look like news."""
    yield _one("pilot_store_up", "1 while the store answers.", snapshot.store.reachable)
    holds = snapshot.store.reachable and not snapshot.store.refusal
    yield _one("pilot_store_writable", "1 while the store takes writes that hold.", holds)
    yield _one("pilot_store_replicas", "Replicas that are online.", snapshot.store.replicas)
    yield _many(
        "pilot_health_findings",
        "What is the matter with the bot itself, by rule and severity.",
        ("rule", "severity"),
        _counted(snapshot),
    )
    hosts = {
        place.name.rpartition("-")[0]: place  # processes come and go, and those of a machine share its disk
        for place in reversed(snapshot.places)
        if snapshot.at - place.at <= PLACE_STOPPED
    }
    for name, words, of in (
        ("pilot_spool_bytes", "Bytes of deliveries on this machine's disk.", "spool_bytes"),
        ("pilot_disk_free_bytes", "Bytes that are free on this machine's disk.", "disk_free"),
    ):
        yield _many(name, words, ("host",), [((host,), getattr(it, of)) for host, it in hosts.items()])
    if snapshot.flow:
        yield from _of_flow(snapshot, snapshot.flow)


def _of_flow(snapshot: Snapshot, flow: Flow) -> Iterator[GaugeMetricFamily]:
    yield _one("pilot_inbox_deliveries", "Deliveries that triage has not finished.", flow.inbox_waiting)
    yield _one("pilot_inbox_set_aside", "Deliveries that could not be understood.", flow.set_aside)
    yield _one("pilot_queue_jobs", "Jobs that wait for a worker.", flow.queue_waiting)
    yield _one("pilot_queue_oldest_seconds", "Age of the oldest of them.", flow.queue_oldest)
    yield _one("pilot_jobs_failed", "Jobs that failed for good in the last week.", flow.jobs_failed)
    yield _one("pilot_workers", "Workers that are alive.", flow.workers)
    yield _one("pilot_triage_active", "1 while a triage process is active.", flow.triage_active)
    if flow.clock_at:
        yield _one("pilot_clock_age_seconds", "Since a clock last ticked.", snapshot.at - flow.clock_at)
    if flow.swept_until:
        age = snapshot.at - flow.swept_until
        yield _one("pilot_reconcile_age_seconds", "Since when Sentry was not asked about.", age)
    failing = [(("slack",), _age(snapshot, flow.slack.failing_since))]
    failing.append((("models",), _age(snapshot, flow.models.failing_since)))
    yield _many(
        "pilot_outside_failing_seconds",
        "For how long it has failed; 0 while it works.",
        ("service",),
        failing,
    )
    yield _many(
        "pilot_llm_circuit_open",
        "1 while a model is left alone.",
        ("provider", "model"),
        [((it.provider, it.model), float(it.open_until > snapshot.at)) for it in flow.circuits],
    )
    yield _many(
        "pilot_github_budget_ratio",
        "What is left of a credential's budget in this hour, 0 to 1.",
        ("credential", "resource"),
        [
            ((it.credential, it.resource), it.left / it.limit)
            for it in flow.budgets
            if it.limit and it.resets_at > snapshot.at
        ],
    )
    yield from _of_canary(snapshot, flow)


def _of_canary(snapshot: Snapshot, flow: Flow) -> Iterator[GaugeMetricFamily]:
    canary = flow.canary
    if canary.share is not None:
        yield _one("pilot_canary_success_ratio", "Trial webhooks that came through, 30 days.", canary.share)
    if canary.passed_at:
        age = snapshot.at - canary.passed_at
        yield _one("pilot_canary_age_seconds", "Since one last came through.", age)


def _counted(snapshot: Snapshot) -> list[Sample]:
    keys = [(finding.rule, finding.severity) for finding in findings(snapshot)]
    return [(key, float(keys.count(key))) for key in dict.fromkeys(keys)]


def _age(snapshot: Snapshot, since: float) -> float:
    return snapshot.at - since if since else 0.0


def _one(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=float(value))


def _many(name: str, words: str, labels: Sequence[str], samples: Iterable[Sample]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=labels)
    for values, number in samples:
        family.add_metric(values, number)
    return family
