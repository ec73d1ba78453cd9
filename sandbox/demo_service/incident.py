"""One occurrence in the three shapes Sentry shows it in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any

from sandbox.demo_service.api_shapes import api_event, api_issue
from sandbox.demo_service.build import DemoService
from sandbox.demo_service.occurrence import Occurrence
from sandbox.demo_service.scenarios import Scenario
from sandbox.demo_service.stored_event import stored_event

# The first event is this old when the alert goes out.
_AGE = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Incident:
    """`event` is `data.event` of an issue alert's webhook; `api_event` and `issue` are the API's answers."""

    event: Mapping[str, Any]
    api_event: Mapping[str, Any]
    issue: Mapping[str, Any]


def incident_of(
    service: DemoService, scenario: Scenario, report: Mapping[str, Any], sentry_url: str
) -> Incident:
    """`report` is what raise_and_report.py printed."""
    occurred_at = service.now - _AGE
    seed = f"{service.deployed_sha} {scenario.issue_id} {occurred_at.isoformat()}"
    occurrence = Occurrence(
        scenario=scenario,
        release=service.deployed_sha,
        occurred_at=occurred_at.astimezone(UTC),
        last_seen=(service.now - timedelta(seconds=2)).astimezone(UTC),
        event_id=_digest(seed, "event", 32),
        trace_id=_digest(seed, "trace", 32),
        span_id=_digest(seed, "span", 16),
        sentry_url=sentry_url,
    )
    event = stored_event(occurrence, report)
    return Incident(event=event, api_event=api_event(event, occurrence), issue=api_issue(event, occurrence))


def _digest(seed: str, purpose: str, length: int) -> str:
    return hashlib.sha256(f"{seed} {purpose}".encode()).hexdigest()[:length]
