"""The job as the clock enqueues it: when it runs, what it counts, and whom it warns."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import generate_latest
from structlog.testing import capture_logs

from investigator import keys
from investigator.composition import Program, compose
from investigator.counters import StoredCounters
from investigator.plain_text import as_text
from investigator.reconcile.job import reconcile
from investigator.reconcile.window import Unheard
from investigator.rendering import Renderer
from investigator.settings import Settings
from sandbox.slack import SlackSandbox
from tests.fixtures.reconcile import NOON, Stage, before_noon
from tests.fixtures.sentry import serving
from tests.fixtures.slack import BOT_TOKEN, SIGNING_SECRET
from tests.fixtures.slack_checker import check

API = "/api/0/organizations/acme/issues/"
Run = Callable[[datetime], Awaitable[None]]


@pytest.fixture
async def program(
    stage: Stage, store_url: str, slack_sandbox: SlackSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Program]:
    monkeypatch.chdir(tmp_path)
    async with serving(stage.sentry.app) as sentry_url:
        settings = Settings.model_validate(
            {
                "redis_url": store_url,
                "slack_bot_token": BOT_TOKEN,
                "slack_signing_secret": SIGNING_SECRET,
                "slack_api_url": f"{slack_sandbox.url}/api/",
                "sentry_client_secret": "secret",
                "sentry_auth_token": stage.sentry.token,
                "sentry_org": stage.sentry.organization,
                "sentry_url": sentry_url,
            }
        )
        async with compose(settings) as program:
            yield program


async def run(program: Program, now: datetime = NOON) -> None:
    """The job, as if no other sweep had been made lately."""
    await program.store.delete(keys.RECONCILE_TURN)
    await reconcile(program, now)


async def counted(program: Program) -> str:
    counters = StoredCounters()
    await counters.refresh(program.store)
    return generate_latest(counters).decode()


def warnings(slack: SlackSandbox) -> list[str]:
    return [str(message["text"]) for message in slack.messages("#incidents")]


async def test_sweeps_and_what_they_find_are_counted(stage: Stage, program: Program) -> None:
    stage.issue(first=before_noon(minutes=3))
    await run(program)
    metrics = await counted(program)
    assert 'pilot_reconcile_sweeps_total{result="complete"} 1.0' in metrics
    assert "pilot_reconcile_deliveries_total 1.0" in metrics


async def test_jobs_that_piled_up_sweep_once(stage: Stage, program: Program) -> None:
    await reconcile(program, NOON)
    await reconcile(program, NOON)
    assert len(stage.sentry.requests) == 1


async def test_while_triage_is_behind_nothing_is_concluded(stage: Stage, program: Program) -> None:
    issue = stage.issue(first=before_noon(minutes=3))
    await stage.webhook("created", issue, NOON - timedelta(minutes=3))
    await run(program)
    assert len(await stage.inbox()) == 1
    assert 'pilot_reconcile_sweeps_total{result="triage_behind"} 1.0' in await counted(program)


@pytest.mark.parametrize(
    ("status", "kind", "remedy"),
    [
        (401, "unauthorized", "set SENTRY_AUTH_TOKEN"),
        (403, "forbidden", "permission to read issues"),
        (404, "not_found", "SENTRY_ORG"),
        (500, "server_error", "the next sweep"),
    ],
)
async def test_a_failure_is_told_with_its_remedy(
    stage: Stage, program: Program, status: int, kind: str, remedy: str
) -> None:
    stage.sentry.faults.add(API, status=status)
    with capture_logs() as logs:
        await run(program)
    [failure] = [entry for entry in logs if entry["event"] == "reconcile_failed"]
    assert failure["kind"] == kind
    assert remedy in failure["remedy"]
    assert f'pilot_reconcile_sweeps_total{{result="{kind}"}} 1.0' in await counted(program)


async def miss(stage: Stage, program: Program, count: int, first: int = 1) -> None:
    """After a good sweep, this many issues of one project come up without a webhook."""
    await run(program, NOON - timedelta(minutes=2))
    for number in range(first, first + count):
        stage.issue(number, first=before_noon(seconds=90))
    await run(program)
    await stage.triaged()


async def test_a_project_without_webhooks_is_reported_once_a_day(
    stage: Stage, program: Program, slack_sandbox: SlackSandbox
) -> None:
    with capture_logs() as logs:
        await miss(stage, program, 3)
    [silence] = [entry for entry in logs if entry["event"] == "webhooks_silent"]
    assert (silence["project"], silence["issues"], silence["log_level"]) == ("checkout-web", 3, "error")
    assert "integration is installed" in silence["remedy"]
    assert list(await program.store.hgetall(keys.SILENT_PROJECTS)) == [b"checkout-web"]
    await run(program, NOON + timedelta(minutes=2))
    assert warnings(slack_sandbox) == ["Sentry sends us no webhooks for checkout-web"]
    await run(program, NOON + timedelta(days=1))
    assert len(warnings(slack_sandbox)) == 2


async def test_a_webhook_ends_the_silence(
    stage: Stage, program: Program, slack_sandbox: SlackSandbox
) -> None:
    await miss(stage, program, 3)
    await stage.webhook("created", stage.issue(9, first=before_noon(seconds=0)), NOON)
    await stage.triaged()
    await run(program, NOON + timedelta(days=1))
    assert await program.store.hgetall(keys.SILENT_PROJECTS) == {}
    assert len(warnings(slack_sandbox)) == 1


async def test_our_own_outage_is_not_held_against_the_webhooks(
    stage: Stage, program: Program, slack_sandbox: SlackSandbox
) -> None:
    await run(program, NOON - timedelta(hours=1))
    for number in range(3):
        stage.issue(number, first=before_noon(minutes=30))
    await run(program)
    assert len(await stage.inbox()) == 3
    assert warnings(slack_sandbox) == []


async def test_a_warning_that_slack_does_not_take_now_comes_with_the_next_sweep(
    stage: Stage, program: Program, slack_sandbox: SlackSandbox
) -> None:
    slack_sandbox.faults.add("/api/chat.postMessage", status=429, headers={"Retry-After": "600"}, body=b"{}")
    await miss(stage, program, 3)
    slack_sandbox.faults.clear()
    await program.store.delete(keys.slack_pause("chat.postMessage"))  # what Slack asked for has passed
    await run(program, NOON + timedelta(minutes=2))
    assert len(warnings(slack_sandbox)) == 1


async def test_a_store_that_is_away_is_waited_for(
    stage: Stage, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.issue(first=before_noon(minutes=3))
    await program.store.config_set("maxmemory", "1")
    try:
        with capture_logs() as logs:
            await run(program)
    finally:
        await program.store.config_set("maxmemory", "0")
    assert [entry["kind"] for entry in logs if entry["event"] == "reconcile_failed"] == ["store_unavailable"]
    await run(program)
    assert len(await stage.inbox()) == 1


def test_the_warning_is_a_message_slack_shows_whatever_the_project_is_called() -> None:
    record = Unheard(since=NOON, issues=("1", "2", "3"))
    message = Renderer().render("webhooks_silent", project="<!channel> *web*`", record=record)
    check(message)
    assert "3 issues since 2026-03-02 12:00 UTC" in as_text(message, width=1_000)
    assert "<!channel>" not in str(message.blocks)
