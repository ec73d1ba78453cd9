"""What the program talks to, in the harness's own process: sandboxes of Slack, Sentry and GitHub."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from investigator.settings import Settings
from sandbox import demo_service
from sandbox.github import GitHubSandbox, HostHistory, Repository
from sandbox.sentry import SentrySandbox
from sandbox.serving import serve
from sandbox.slack import SlackSandbox

CHANNEL = "#incidents"
_CATALOG = """\
defaults: {channel: "#incidents"}
services:
  checkout: {repository: acme/checkout, stack_root: /srv/app, channel: "#incidents"}
"""


@dataclass(frozen=True, slots=True)
class Outside:
    slack: SlackSandbox
    sentry: SentrySandbox
    github: GitHubSandbox
    crash: demo_service.Incident
    environment: Mapping[str, str]  # what every process of the program is started with


@asynccontextmanager
async def outside(directory: Path, host: str) -> AsyncIterator[Outside]:
    """Build the demo service and crash it; serve the sandboxes on `host` while the context lasts."""
    (directory / "service").mkdir(parents=True)
    service = demo_service.build(directory / "service", now=datetime.now(UTC))
    crash = demo_service.crash(service, "coupon")
    slack = SlackSandbox(signing_secret="signing", bot_token="xoxb-chaos", bot_url=None)
    sentry = SentrySandbox()
    repository = Repository(service.repository, service.full_name, "main", HostHistory.load(service.history))
    github = GitHubSandbox({service.full_name: repository}, token="github-token")
    catalog = directory / "pilot.yml"
    catalog.write_text(_CATALOG)
    async with (
        slack.serving(host) as slack_url,
        serve(sentry.app, host) as sentry_url,
        serve(github.app, host) as github_url,
    ):
        settings = {
            "SLACK_BOT_TOKEN": "xoxb-chaos",
            "SLACK_SIGNING_SECRET": "signing",
            "SLACK_API_URL": f"{slack_url}/api/",
            "SENTRY_CLIENT_SECRET": sentry.client_secret,
            "SENTRY_AUTH_TOKEN": sentry.token,
            "SENTRY_ORG": sentry.organization,
            "SENTRY_URL": sentry_url,
            "GITHUB_TOKEN": "github-token",
            "GITHUB_API_URL": github_url,
            "PILOT_CATALOG": str(catalog),
            "PILOT_RECONCILE_SECONDS": "0",  # would find through the API what intake lost
        }
        yield Outside(slack, sentry, github, crash, _inherited() | settings)


def _inherited() -> dict[str, str]:
    """This process's environment without any setting of a real installation."""
    ours = {name.upper() for name in Settings.model_fields}
    root = str(Path(__file__).parents[2])
    return {n: v for n, v in os.environ.items() if n.upper() not in ours} | {"PYTHONPATH": root}


def issue_of(crash: demo_service.Incident, number: int) -> dict[str, Any]:
    """The demo's crash as an issue of its own."""
    return {**crash.issue, "id": str(number), "shortId": f"CHECKOUT-{number}"}
