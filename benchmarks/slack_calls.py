"""Calls of Slack per incident and per storm, and how fast people are acknowledged while everything hangs.

The baseline posts a message for each alert, which is what a plain Sentry integration does.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks import acknowledgements
from benchmarks.tables import Table
from investigator.announcing import refresh
from investigator.composition import Program, compose
from investigator.embedded_store import EmbeddedStore
from investigator.incidents import write_incident
from investigator.investigation import investigate
from investigator.models.incident import Incident, Run
from investigator.models.sentry import SentryEvent, SentryException
from investigator.settings import Settings
from sandbox.slack import SlackSandbox

ALERTS = 200
SECRET = "signing"


@asynccontextmanager
async def stage() -> AsyncIterator[tuple[Program, SlackSandbox]]:
    slack = SlackSandbox(signing_secret=SECRET, bot_token="xoxb-bench", bot_url=None, patience=10.0)
    with tempfile.TemporaryDirectory() as folder, EmbeddedStore(Path(folder) / "store") as store:
        async with AsyncExitStack() as stack:
            settings = Settings(
                _env_file=None,
                slack_bot_token="xoxb-bench",
                slack_signing_secret=SECRET,
                slack_api_url=await stack.enter_async_context(slack.serving()) + "/api/",
                sentry_client_secret="sentry",
                redis_url=store.url,
                pilot_data_dir=Path(folder) / "data",
                pilot_slack_posts_per_minute=60_000,
                pilot_slack_edits_per_minute=60_000,
            )
            program = await stack.enter_async_context(compose(settings))
            yield replace(program, outside=replace(program.outside, github=None)), slack


async def opened(program: Program) -> Incident:
    event = SentryEvent(title="E: x", level="error", exceptions=(SentryException(type="E", value="x"),))
    at = datetime.now(UTC)
    incident = Incident(
        id=(await program.incidents.new_ids(1))[0],
        opened_at=at,
        opened_by="bench",
        service="checkout",
        channel="#incidents",
        issue_ids=("1",),
        title=event.title,
        event=event,
        runs=(Run(number=1, requested_at=at),),
    )
    async with program.store.pipeline(transaction=True) as pipe:
        write_incident(pipe, incident)
        await pipe.execute()
    return incident


async def calls_of_a_storm(program: Program, slack: SlackSandbox) -> tuple[Counter[str], Counter[str]]:
    """(calls of one incident, further calls of a storm of alerts of it)."""
    before = slack.call_counts.copy()
    incident = await opened(program)
    await investigate(program, incident.id, 1)
    one = Counter(slack.call_counts) - before
    before = slack.call_counts.copy()
    for alert in range(ALERTS):
        count = {"events": alert + 2, "last_event_at": datetime.now(UTC)}
        await program.incidents.update(incident.id, partial(Incident.model_copy, update=count))
        if alert % 50 == 49:  # triage asks for an edit every few seconds, not for each alert
            await refresh(program, incident.id)
    return one, Counter(slack.call_counts) - before


async def measure() -> list[Table]:
    async with stage() as (program, slack):
        one, storm = await calls_of_a_storm(program, slack)
    calls = [
        ("one incident", sum(one.values()), ", ".join(f"{n} {name}" for name, n in sorted(one.items()))),
        (f"{ALERTS} more alerts of it", sum(storm.values()), "chat.update"),
        (f"baseline: {ALERTS} alerts, each a message", ALERTS, "chat.postMessage"),
    ]
    return [Table("Calls of Slack", ("for", "calls", "which"), calls), await acknowledgements.measure()]
