"""Our own errors reach Sentry without secrets and without feeding ourselves; traces go where they should."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from aiohttp import web

from bot.error_reports import Reports
from bot.observing import observe_ourselves
from investigator import about_ourselves
from investigator.about_ourselves import NOTE, is_marked, is_ours, unreported
from investigator.composition import Program, compose
from investigator.errors import ConfigurationError
from investigator.incidents import write_incident
from investigator.models.incident import Incident
from investigator.models.sentry import SentryEvent
from investigator.settings import Settings
from investigator.tracing import span
from sandbox.sentry.ingest import IngestSandbox
from sandbox.serving import serve
from tests.fixtures.webhook import NOON

ROOT = Path(__file__).parents[2]
OWN = Incident(id="1", opened_at=NOON, opened_by="x", service="bot", channel="#c", project="incident-pilot")

REPORTING = """
import sentry_sdk
from bot.observing import observe_ourselves
from investigator.about_ourselves import NOTE
from investigator.settings import Settings

observe_ourselves(Settings(_env_file=None, pilot_sentry_dsn={dsn!r}), "worker")
for note in (None, NOTE):
    try:
        raise ValueError("the token is ghp_{token} of ada@acme.com")
    except ValueError as error:
        if note:
            error.add_note(note)
        sentry_sdk.capture_exception(error)
sentry_sdk.flush(5)
"""
TRACING = """
from bot.observing import observe_ourselves
from investigator.settings import Settings
from investigator.tracing import flush_traces, span

observe_ourselves(Settings(_env_file=None, otel_exporter_otlp_endpoint={url!r}), "web")
with span("triage_batch", deliveries=7):
    with span("slack", method="chat.postMessage"):
        pass
flush_traces()
"""


async def run(program: str) -> None:
    """In a process of its own: SDKs settle in the whole process."""
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", program, cwd=ROOT)
    async with asyncio.timeout(40):
        assert await child.wait() == 0


async def test_an_error_of_ours_is_reported_once_without_secrets_and_what_feeds_us_is_not() -> None:
    sandbox, token = IngestSandbox(), "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    async with serve(sandbox.app) as url:
        await run(REPORTING.format(dsn=sandbox.dsn(url), token=token))
    (event,) = sandbox.events
    text = str(event)
    assert "ValueError" in text
    assert token not in text
    assert "ada@acme.com" not in text
    assert event["tags"] == {"role": "worker", "incident_pilot": "self"}


async def test_spans_reach_the_collector_that_is_named() -> None:
    bodies: list[bytes] = []

    async def collect(request: web.Request) -> web.Response:
        bodies.append(await request.read())
        return web.Response(content_type="application/x-protobuf")

    app = web.Application()
    app.router.add_post("/v1/traces", collect)
    async with serve(app) as url:
        await run(TRACING.format(url=url))
    sent = b"".join(bodies)
    for told in (b"triage_batch", b"chat.postMessage", b"incidentpilot", b"deliveries"):
        assert told in sent


def test_without_settings_nothing_is_started() -> None:
    observe_ourselves(Settings(_env_file=None), "web")
    assert span("a") is span("b"), "a span that nobody wants is nothing"


def test_a_wrong_dsn_is_told_in_words() -> None:
    with pytest.raises(ConfigurationError, match="PILOT_SENTRY_DSN"):
        observe_ourselves(Settings(_env_file=None, pilot_sentry_dsn="nonsense"), "web")


def test_an_error_that_repeats_itself_does_not_become_a_storm() -> None:
    reports = Reports(most=3)
    assert [reports.judged({}, {}) is not None for _ in range(5)] == [True, True, True, False, False]


# --- which incidents are about ourselves


@pytest.mark.parametrize(
    ("incident", "project", "ours"),
    [
        (OWN, "incident-pilot", True),
        (OWN, "checkout-web", False),
        (OWN, None, False),
        (OWN.model_copy(update={"event": SentryEvent(tags=((about_ourselves.TAG, "self"),))}), None, True),
    ],
)
def test_it_is_ours_by_project_or_by_tag(incident: Incident, project: str | None, ours: bool) -> None:
    assert is_ours(incident, project) is ours


def test_what_an_excused_error_led_to_is_excused_too() -> None:
    first, second = ValueError(), RuntimeError()
    first.add_note(NOTE)
    second.__cause__ = first
    assert is_marked(second)
    assert not is_marked(RuntimeError())
    first.__cause__ = second
    assert not is_marked(None)
    assert is_marked(first), "a chain that bites its tail ends"


@pytest.mark.parametrize(("project", "marked"), [("incident-pilot", True), ("another", False)])
async def test_what_fails_while_we_investigate_ourselves_is_marked(
    store_url: str, tmp_path: Path, project: str, marked: bool
) -> None:
    settings = Settings(
        _env_file=None,
        slack_bot_token="x",
        slack_signing_secret="x",
        sentry_client_secret="x",
        redis_url=store_url,
        pilot_data_dir=tmp_path,
        pilot_sentry_dsn="http://public@127.0.0.1:1/1",
        pilot_sentry_project=project,
    )

    async def fail(_program: Program) -> None:
        raise RuntimeError("investigating failed")

    async with compose(settings) as program:
        async with program.store.pipeline(transaction=True) as pipe:
            write_incident(pipe, OWN)
            await pipe.execute()
        with pytest.raises(RuntimeError) as raised:
            await unreported(program, "1", fail)
    assert is_marked(raised.value) is marked
