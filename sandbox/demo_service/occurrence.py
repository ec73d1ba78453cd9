"""What the shapes of one event have in common."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from datetime import datetime

from sandbox.demo_service.scenarios import Scenario

ORGANIZATION = "acme"
PROJECT = "checkout"
PROJECT_ID = 4507120930
ENVIRONMENT = "production"
SERVER_NAME = "checkout-6d9f7c5b8d-x2kqp"
SDK = {"name": "sentry.python", "version": "2.13.0"}
RUNTIME = {"name": "CPython", "version": platform.python_version()}


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Times are UTC; `sentry_url` has no slash at its end."""

    scenario: Scenario
    release: str
    occurred_at: datetime
    last_seen: datetime
    event_id: str
    trace_id: str
    span_id: str
    sentry_url: str

    @property
    def transaction(self) -> str:
        return f"{self.scenario.method} {self.scenario.path}"

    @property
    def request_url(self) -> str:
        return f"https://checkout.acme.example{self.scenario.path}"

    @property
    def issue_api_url(self) -> str:
        return f"{self.sentry_url}/api/0/organizations/{ORGANIZATION}/issues/{self.scenario.issue_id}/"

    @property
    def issue_web_url(self) -> str:
        return f"{self.sentry_url}/organizations/{ORGANIZATION}/issues/{self.scenario.issue_id}/"


def iso(at: datetime) -> str:
    """As Sentry writes times: microseconds, Z."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
