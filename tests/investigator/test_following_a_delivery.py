"""One delivery can be followed from the webhook to the calls outside: by its id in the logs, by its trace."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
import redis.asyncio
import structlog
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from structlog.testing import capture_logs

from bot.delivery_lines import DeliveryLines
from bot.logs import LINES
from investigator import jobs as entry_points
from investigator import tracing
from investigator.catalog import Catalog
from investigator.inbox_reader import InboxReader
from investigator.incidents import Incidents
from investigator.queue import Jobs, queue
from investigator.spool import Spool
from investigator.store import connect_sync
from investigator.tracing import span
from investigator.triage_reader import TriageReader
from tests.fixtures.webhook import Serve, Webhook, deliveries, inbox_on

DELIVERY = "0f9e3c1a-7b60-4a55-9f0e-5a1c2d3e4f50"
Spans = Callable[[], dict[str, ReadableSpan]]


def created(issue: str) -> bytes:
    fields = {"id": issue, "title": "KeyError", "status": "unresolved", "project": {"slug": "web"}}
    return json.dumps(
        {"action": "created", "installation": {"uuid": "u"}, "data": {"issue": fields}}
    ).encode()


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Spans:
    """The spans that ended, by name, of a process that traces."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_tracers", [provider.get_tracer("test")])
    monkeypatch.setattr("investigator.queue.flush_traces", provider.force_flush)
    return lambda: {each.name: each for each in exporter.get_finished_spans()}


@pytest.fixture
def blocking(store_url: str) -> Iterator[redis.Redis]:
    with connect_sync(store_url) as client:
        yield client


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What an investigation's log lines carry."""
    seen: list[dict[str, Any]] = []

    def investigate(incident_id: str, run: int) -> None:
        with span("slack", method="chat.postMessage"):
            seen.append(dict(structlog.contextvars.get_contextvars()))

    monkeypatch.setattr(entry_points, "investigate", investigate)
    return seen


async def triaged(store: redis.asyncio.Redis, blocking: redis.Redis) -> None:
    inbox = InboxReader(store, "one")
    await inbox.ensure_group()
    reader = TriageReader(store, inbox, Catalog(), Incidents(store), Jobs(blocking))
    assert await reader.take_over()
    while await reader.read_once(block_ms=10):
        pass


def carried_out(blocking: redis.Redis) -> None:
    for job in queue(blocking).get_jobs():
        job.perform()


async def test_the_delivery_is_in_the_lines_of_web_and_of_the_job_it_caused(
    serve: Serve, spool: Spool, store: redis.asyncio.Redis, blocking: redis.Redis, lines: list[dict[str, Any]]
) -> None:
    of_web = DeliveryLines()
    webhook = await serve(inbox_on(store, spool), lines=of_web)
    with capture_logs() as logs:
        await webhook.send(created("10"), idempotency_key=DELIVERY)
        of_web.write()
        await triaged(store, blocking)
    for event in ("webhook_delivery", "incident_opened"):
        told = [line for entry in logs if entry["event"] == event for line in entry.get(LINES, [entry])]
        assert [line["delivery"] for line in told] == [DELIVERY]
    carried_out(blocking)
    assert lines[0] | {"delivery": DELIVERY, "incident": "1", "run": 1} == lines[0]


async def test_one_trace_leads_from_the_webhook_to_the_calls_outside(
    webhook: Webhook, store: redis.asyncio.Redis, blocking: redis.Redis, lines: list[Any], spans: Spans
) -> None:
    await webhook.send(created("10"), idempotency_key=DELIVERY)
    await triaged(store, blocking)
    carried_out(blocking)
    found = spans()
    assert len({found[name].context.trace_id for name in ("webhook", "triage", "job", "slack")}) == 1
    for child, parent in (("triage", "webhook"), ("job", "triage"), ("slack", "job")):
        above = found[child].parent
        assert above, f"{child} has no parent"
        assert above.span_id == found[parent].context.span_id


async def test_a_batch_is_linked_from_all_of_its_deliveries_and_child_of_none(
    webhook: Webhook, store: redis.asyncio.Redis, blocking: redis.Redis, lines: list[Any], spans: Spans
) -> None:
    for issue in ("10", "11", "12"):
        await webhook.send(created(issue))
    await triaged(store, blocking)
    batch = spans()["triage_batch"]
    assert batch.parent is None
    assert len({link.context.trace_id for link in batch.links}) == 3


async def test_without_a_collector_nothing_is_handed_on(
    webhook: Webhook, store: redis.asyncio.Redis, blocking: redis.Redis
) -> None:
    await webhook.send(created("10"))
    [delivery] = await deliveries(store)
    assert not delivery.trace
    await triaged(store, blocking)
    [job] = queue(blocking).get_jobs()
    assert "traceparent" not in job.meta
