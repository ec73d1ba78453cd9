"""What is the matter, from a snapshot. Pure: each rule has a section of its name in docs/operations.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from investigator.health.snapshot import Flow, Snapshot
from investigator.spool import MAX_BYTES, RESERVE_BYTES

Severity = Literal["critical", "warning"]

INBOX_SLOW, INBOX_STUCK = 30.0, 120.0  # seconds the oldest delivery waits
QUEUE_SLOW, QUEUE_STUCK = 120.0, 600.0  # seconds the oldest job waits
CLOCK_STOPPED = 30.0
PLACE_STOPPED = 60.0
SLACK_FAILING = 60.0
NO_MODEL = 600.0
BUDGET_LOW = 0.1
MEMORY_HIGH = 0.85
SWEEP_LATE = 600.0
DISK_LOW = 1024**3
DISK_FULL = MAX_BYTES + RESERVE_BYTES
SPOOL_FILLING = MAX_BYTES // 2


@dataclass(frozen=True, slots=True)
class Finding:
    """`subject` tells findings of one rule apart (which machine, which credential); `facts` are for words."""

    rule: str
    severity: Severity
    facts: Mapping[str, object] = field(default_factory=dict)
    subject: str = ""

    @property
    def key(self) -> str:
        return f"{self.rule}:{self.subject}" if self.subject else self.rule


def findings(snapshot: Snapshot) -> tuple[Finding, ...]:
    """All that is the matter, the worst first."""
    found = [*_store(snapshot), *_places(snapshot)]
    if snapshot.flow and not snapshot.store.refusal:  # every sign of life is a write to the store
        for rule in _OF_FLOW:
            found += rule(snapshot, snapshot.flow)
    return tuple(sorted(found, key=lambda finding: finding.severity != "critical"))


def _store(snapshot: Snapshot) -> Iterator[Finding]:
    look = snapshot.store
    if not look.reachable:
        yield Finding("store_down", "critical", {"why": look.refusal})
        return
    missing = snapshot.expected.replicas - look.replicas
    if missing > 0:
        facts = {"online": look.replicas, "expected": snapshot.expected.replicas}
        yield Finding("replicas_missing", "critical", facts)
    elif look.refusal:
        yield Finding("store_refuses_writes", "critical", {"why": look.refusal})
    if look.file_problem:
        yield Finding("store_file_failing", "critical", {"what": look.file_problem})
    if look.memory_share > MEMORY_HIGH:
        yield Finding("store_memory_high", "warning", {"share": look.memory_share})


def _places(snapshot: Snapshot) -> Iterator[Finding]:
    for place in snapshot.places:
        if snapshot.at - place.at > PLACE_STOPPED:
            continue
        facts = {"place": place}
        if place.spool_problem:
            yield Finding("spool_broken", "critical", facts, place.name)
        if place.spool_deliveries:
            severity: Severity = "critical" if place.spool_bytes > SPOOL_FILLING else "warning"
            yield Finding("spool_not_empty", severity, facts, place.name)
        if place.settings_problem:
            yield Finding("settings_refused", "warning", facts, place.name)
        if place.disk_free < DISK_LOW and not place.spool_problem:
            low: Severity = "critical" if place.disk_free < DISK_FULL else "warning"
            yield Finding("disk_low", low, facts, place.name)


# What a look can tell while the store does not answer.
SEEN_WITHOUT_STORE = frozenset(
    {
        "store_down",
        "store_refuses_writes",
        "replicas_missing",
        "store_file_failing",
        "store_memory_high",
        "spool_broken",
        "settings_refused",
        "spool_not_empty",
        "disk_low",
    }
)


def _intake(snapshot: Snapshot, flow: Flow) -> Iterator[Finding]:
    if not flow.triage_active:
        yield Finding("no_triage", "critical", {"waiting": flow.inbox_waiting})
    if flow.inbox_oldest > INBOX_SLOW:
        severity: Severity = "critical" if flow.inbox_oldest > INBOX_STUCK else "warning"
        yield Finding("inbox_old", severity, {"seconds": flow.inbox_oldest, "waiting": flow.inbox_waiting})
    if flow.set_aside:
        yield Finding("deliveries_set_aside", "warning", {"count": flow.set_aside})
    if not any(snapshot.at - place.at <= PLACE_STOPPED for place in snapshot.places):
        yield Finding("no_web", "critical")


def _work(snapshot: Snapshot, flow: Flow) -> Iterator[Finding]:
    if not flow.workers:
        yield Finding("no_worker", "critical", {"waiting": flow.queue_waiting})
    if flow.queue_oldest > QUEUE_SLOW:
        severity: Severity = "critical" if flow.queue_oldest > QUEUE_STUCK else "warning"
        yield Finding("queue_old", severity, {"seconds": flow.queue_oldest, "waiting": flow.queue_waiting})
    if flow.jobs_failed:
        yield Finding("jobs_failed", "warning", {"count": flow.jobs_failed})
    if snapshot.at - flow.clock_at > CLOCK_STOPPED:
        yield Finding("no_clock", "critical", {"since": flow.clock_at})


def _outside(snapshot: Snapshot, flow: Flow) -> Iterator[Finding]:
    failing = snapshot.at - flow.slack.failing_since if flow.slack.failing_since else 0.0
    if failing > SLACK_FAILING:
        yield Finding("slack_failing", "critical", {"seconds": failing, "why": flow.slack.why})
    failing = snapshot.at - flow.models.failing_since if flow.models.failing_since else 0.0
    if snapshot.expected.models and failing > NO_MODEL:
        yield Finding("no_model", "warning", {"seconds": failing, "why": flow.models.why})
    for budget in flow.budgets:
        if budget.resets_at > snapshot.at and budget.left < BUDGET_LOW * budget.limit:
            subject = f"{budget.credential}:{budget.resource}"
            yield Finding("github_budget_low", "warning", {"budget": budget}, subject)


def _by_the_clock(snapshot: Snapshot, flow: Flow) -> Iterator[Finding]:
    every = snapshot.expected.sweep_seconds
    if every and flow.swept_until and snapshot.at - flow.swept_until > max(SWEEP_LATE, 3 * every):
        yield Finding("sweep_late", "warning", {"seconds": snapshot.at - flow.swept_until})
    every, canary = snapshot.expected.canary_seconds, flow.canary
    since = max(canary.passed_at, canary.first_at)
    if every and since and snapshot.at - since > 3 * every:
        yield Finding("canary_missing", "critical", {"seconds": snapshot.at - since})


_OF_FLOW: tuple[Callable[[Snapshot, Flow], Iterator[Finding]], ...] = (
    _intake,
    _work,
    _outside,
    _by_the_clock,
)
