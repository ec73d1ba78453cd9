"""Log lines about webhooks are written later, but all of them, and with the time they are about."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.delivery_lines import DeliveryLines
from bot.logs import LINES, as_json_line, as_json_lines, with_timestamp, without_secrets
from bot.sentry_webhook import SentryWebhook
from investigator.spool import Spool
from tests.fixtures.webhook import BODY, SECRET, inbox_on

NEVER = 3600.0


@pytest.mark.parametrize("noted", [None, datetime(2026, 1, 2, 12, tzinfo=UTC)])
def test_a_line_has_the_time_it_is_about(noted: datetime | None) -> None:
    before = datetime.now(UTC)
    event = with_timestamp(None, "info", {"event": "x"} | ({"timestamp": noted} if noted else {}))
    line = json.loads(as_json_line(None, "info", event))
    assert line["timestamp"].endswith("Z")
    told = datetime.fromisoformat(line["timestamp"])
    assert told == noted if noted else before <= told <= datetime.now(UTC)


async def test_a_delivery_is_noted_when_it_is_answered() -> None:
    lines = DeliveryLines(wait=NEVER)
    with capture_logs() as logs:
        lines.add("stored", "", None, None, 0.01)
        noted = datetime.now(UTC)
        await asyncio.sleep(0.01)
        lines.write()
    assert written(logs)[0]["timestamp"] <= noted


async def test_lines_are_written_without_anybody_asking() -> None:
    lines = DeliveryLines(wait=0.01)
    with capture_logs() as logs:
        for number in range(3):
            lines.add(str(number), "", None, None, 0.01)
        for _ in range(1_000):
            if logs:
                break
            await asyncio.sleep(0.01)
    assert [line["outcome"] for line in written(logs)] == ["0", "1", "2"], "each once, in order"


async def test_a_web_that_stops_writes_what_waits(store: Redis, spool: Spool) -> None:
    app = web.Application()
    SentryWebhook([SECRET], inbox_on(store, spool), lines=DeliveryLines(wait=NEVER)).add_to(app)
    with capture_logs() as logs:
        async with TestClient(TestServer(app)) as client:
            await client.post("/sentry/webhook", data=BODY)
            assert not logs
    assert [line["outcome"] for line in written(logs)] == ["unsigned"]


def test_each_delivery_is_a_line_of_its_own_and_none_tells_a_secret() -> None:
    secret = "sk-ant-api03-" + "x" * 40
    lines = [{"outcome": "stored"}, {"outcome": "broken", "error": f"sent with Bearer {secret}"}]
    event = without_secrets(None, "info", {"event": "webhook_delivery", "role": "web", LINES: lines})
    printed = as_json_lines(None, "info", event)
    told = [json.loads(line) for line in printed.splitlines()]
    assert [(line["event"], line["role"], line["outcome"]) for line in told] == [
        ("webhook_delivery", "web", "stored"),
        ("webhook_delivery", "web", "broken"),
    ]
    assert secret.encode() not in printed


def written(logs: list[Any]) -> list[Any]:
    """The lines that these events become."""
    return [line for event in logs for line in event[LINES]]
