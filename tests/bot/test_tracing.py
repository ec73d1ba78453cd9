"""Traces leave real processes through the real exporter; a collector that is away costs nobody anything."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import ClientSession

from investigator.composition import Program
from investigator.embedded_store import free_port
from investigator.tracing import EXPORT_SECONDS
from sandbox.sentry import webhook_issue
from sandbox.sentry.server import serialize
from sandbox.serving import serve
from tests.fixtures.collector import Collector
from tests.fixtures.playing import World, said
from tests.fixtures.roles import Role, running, until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(200)]

DELIVERY = "0f9e3c1a-7b60-4a55-9f0e-5a1c2d3e4f50"
ROLES = ("web", "triage", "worker")


async def send(world: World, port: str) -> float:
    """Seconds until the webhook was answered 200."""
    body = serialize(webhook_issue("created", world.demo.crash.issue, sender=world.sentry.sender))
    headers = world.sentry.headers("issue", body, DELIVERY)
    async with ClientSession(f"http://127.0.0.1:{port}") as session:
        began = time.monotonic()
        async with session.post("/sentry/webhook", data=body, headers=headers) as answer:
            assert answer.status == 200
            return time.monotonic() - began


async def listens(port: str) -> bool:
    try:
        async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}/healthz") as answer:
            return answer.status == 200
    except OSError:
        return False


async def test_one_trace_leads_from_the_webhook_through_all_processes_to_slack(
    world: World, program: Program, tmp_path: Path
) -> None:
    collector, port = Collector(), str(free_port())
    async with AsyncExitStack() as stack:
        endpoint = await stack.enter_async_context(serve(collector.app))
        given = world.environment(PILOT_PORT=port, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint)
        roles = [await stack.enter_async_context(running(name, given, tmp_path)) for name in ROLES]
        await until(lambda: listens(port), "web listens")
        await send(world, port)
        await until(lambda: "1:report:1" in said(world.slack, "1")[1], "the report is posted")
        for role in roles:
            await role.stop(within=30)

    [webhook] = collector.named("webhook")
    of_it = [each for each in collector.spans if each.trace == webhook.trace]
    assert {(each.role, each.name) for each in of_it} >= {
        ("web", "webhook"),
        ("triage", "triage"),
        ("worker", "job"),
        ("worker", "slack"),
        ("worker", "sentry"),
        ("worker", "github"),
    }
    assert webhook.attributes["delivery"] == DELIVERY
    [triage] = [each for each in of_it if each.name == "triage"]
    assert (triage.attributes["delivery"], triage.attributes["incident"]) == (DELIVERY, "1")
    job = next(each for each in of_it if each.attributes.get("job") == "investigator.jobs.investigate")
    assert (job.attributes["delivery"], job.attributes["incident"], job.attributes["run"]) == (
        DELIVERY,
        "1",
        1,
    )


async def test_without_its_collector_everything_goes_on(
    world: World, program: Program, tmp_path: Path
) -> None:
    port, nobody = str(free_port()), f"http://127.0.0.1:{free_port()}"
    given = world.environment(PILOT_PORT=port, OTEL_EXPORTER_OTLP_ENDPOINT=nobody, GITHUB_TOKEN="")
    async with AsyncExitStack() as stack:
        roles: list[Role] = [
            await stack.enter_async_context(running(name, given, tmp_path)) for name in ROLES
        ]
        await until(lambda: listens(port), "web listens")
        assert await send(world, port) < EXPORT_SECONDS, "the webhook waited for the collector"
        await until(lambda: "1:report:1" in said(world.slack, "1")[1], "the report is posted")
        for role in roles:
            await role.stop(within=15)
