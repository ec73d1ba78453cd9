"""The demo's outside world: stand-ins of Slack, Sentry, GitHub and a model, around a service that crashes."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from bot.doctor.manifest import message_shortcuts
from investigator.errors import ConfigurationError, PilotError
from sandbox.demo_service import DemoService, Incident, build, crash
from sandbox.demo_service.scripted_model import MODEL, scripted
from sandbox.github import GitHubSandbox, HostHistory, Repository
from sandbox.llm import LlmSandbox
from sandbox.sentry import SentrySandbox, webhook_event_alert, webhook_issue
from sandbox.serving import serve
from sandbox.slack import SlackSandbox

CHANNEL = "#checkout"
_SLACK_TOKEN, _SLACK_SECRET, _GITHUB_TOKEN = "xoxb-sandbox", "sandbox-signing-secret", "sandbox-github-token"

_CATALOG = f"""\
# What the demo's pilot.yml says; a real one looks the same.
defaults: {{channel: "#incidents", environment: production}}
services:
  checkout:
    sentry_projects: [checkout]
    repository: acme/checkout
    stack_root: /srv/app
    channel: "{CHANNEL}"
    pull_requests: {{allowed_groups: [checkout-oncall], labels: [incident]}}
"""


class StepFailed(PilotError):
    """A step of the demo did not do what it should; the text says what was seen instead."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything the bot is surrounded by. `environment` is what its processes are started with."""

    directory: Path
    service: DemoService
    incident: Incident
    slack: SlackSandbox
    sentry: SentrySandbox
    github: GitHubSandbox
    llm: LlmSandbox
    page: str
    environment: Mapping[str, str]

    async def alert(self, issue: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """Send what Sentry sends when a new issue trips an alert rule.

        Raises:
            StepFailed: the bot did not answer 200 within Sentry's second.
        """
        bodies: dict[str, dict[str, Any]] = {
            "issue": webhook_issue("created", issue, sender=self.sentry.sender),
            "event_alert": webhook_event_alert(issue, event, sender=self.sentry.sender),
        }
        url = f"http://127.0.0.1:{self.environment['PILOT_PORT']}/sentry/webhook"
        async with aiohttp.ClientSession() as session:
            for resource, body in bodies.items():
                key = f"demo-{issue['id']}-{resource}"
                try:
                    status = await self.sentry.deliver(
                        url, resource, body, session=session, idempotency_key=key
                    )
                except (aiohttp.ClientError, TimeoutError) as error:
                    said = f"the webhook gave no answer within Sentry's second: {error!r}"
                    raise StepFailed(said) from None
                if status != 200:
                    raise StepFailed(f"the webhook answered {status}")


def build_service(directory: Path) -> tuple[DemoService, Incident, Incident]:
    """A fresh repository with its history, and two real exceptions of the code deployed last."""
    for leftover in ("service", "data"):
        shutil.rmtree(directory / leftover, ignore_errors=True)
    (directory / "service").mkdir()
    service = build(directory / "service", now=datetime.now(UTC))
    return service, crash(service, "coupon"), crash(service, "upstream")


@asynccontextmanager
async def stage(
    directory: Path,
    service: DemoService,
    regression: Incident,
    upstream: Incident,
    *,
    bot_port: int,
    page_port: int,
) -> AsyncIterator[Stage]:
    """Serve the stand-ins on loopback.

    Raises:
        ConfigurationError: the page's port is taken.
    """
    slack = SlackSandbox(
        signing_secret=_SLACK_SECRET,
        bot_token=_SLACK_TOKEN,
        bot_url=f"http://127.0.0.1:{bot_port}/slack/events",
        shortcuts=message_shortcuts(),
    )
    sentry, github = _sentry(service, regression, upstream), _github(service)
    llm = LlmSandbox(answer=scripted(service.culprit_sha))
    (directory / "pilot.yml").write_text(_CATALOG)
    async with AsyncExitStack() as stack:
        try:
            page = await stack.enter_async_context(slack.serving(port=page_port))
        except OSError:
            raise ConfigurationError(
                f"port {page_port} for the demo's page is taken: give another with --page-port, 0 takes any"
            ) from None
        addresses = {
            "SLACK_API_URL": f"{page}/api/",
            "SENTRY_URL": await stack.enter_async_context(serve(sentry.app)),
            "GITHUB_API_URL": await stack.enter_async_context(serve(github.app)),
            "OPENAI_BASE_URL": await stack.enter_async_context(serve(llm.app)) + "/v1",
        }
        yield Stage(
            directory=directory,
            service=service,
            incident=regression,
            slack=slack,
            sentry=sentry,
            github=github,
            llm=llm,
            page=page,
            environment=addresses | _settings(directory, sentry, bot_port),
        )


def _sentry(service: DemoService, *occurrences: Incident) -> SentrySandbox:
    sentry, deployed = SentrySandbox(), service.deployed_at.isoformat()
    for occurrence in occurrences:
        issue = sentry.add_issue(occurrence.issue)
        sentry.add_event(issue["id"], occurrence.event)
    sentry.add_release(
        service.deployed_sha,
        data={"dateCreated": deployed},
        deploys=[{"id": "1", "environment": "production", "dateFinished": deployed}],
        commits=[{"id": service.deployed_sha, "message": "", "dateCreated": deployed}],
    )
    return sentry


def _github(service: DemoService) -> GitHubSandbox:
    history = HostHistory.load(service.history)
    repository = Repository(service.repository, service.full_name, "main", history, writable=True)
    return GitHubSandbox({service.full_name: repository}, token=_GITHUB_TOKEN)


def _settings(directory: Path, sentry: SentrySandbox, bot_port: int) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": _SLACK_TOKEN,
        "SLACK_SIGNING_SECRET": _SLACK_SECRET,
        "SENTRY_CLIENT_SECRET": sentry.client_secret,
        "SENTRY_AUTH_TOKEN": sentry.token,
        "SENTRY_ORG": sentry.organization,
        # A sweep would find the second issue, which waits for a person to name it.
        "PILOT_RECONCILE_SECONDS": "0",
        "GITHUB_TOKEN": _GITHUB_TOKEN,
        "OPENAI_MODEL": MODEL,
        "PILOT_AI_PRICES": f"{MODEL}=0/0",
        "PILOT_CATALOG": str(directory / "pilot.yml"),
        "PILOT_DATA_DIR": str(directory / "data"),
        "PILOT_HOST": "127.0.0.1",
        "PILOT_PORT": str(bot_port),
    }
