from __future__ import annotations

import json
from typing import Any

import pytest

from investigator.errors import BadPayload
from investigator.sentry.parse import parse_any
from sandbox.sentry import webhook_error, webhook_event_alert, webhook_issue, webhook_metric_alert
from sandbox.sentry.shapes import api_event
from sandbox.sentry.world import World
from tests.fixtures.sentry import stored_event

ISSUE = World("acme", "https://sentry.example").add_issue({"id": "77"})
EVENT = stored_event()
ALERT = webhook_event_alert(ISSUE, EVENT)
RECORDED = {"received_at": "2026-03-02T10:15:02Z", "headers": {"sentry-hook-resource": "event_alert"}}


@pytest.mark.parametrize(
    "payload",
    [
        ALERT,
        webhook_error(ISSUE, EVENT),
        {**RECORDED, "body": ALERT},
        {**RECORDED, "body": json.dumps(ALERT)},
        EVENT,
        api_event(EVENT, "77"),
        {"id": "77", "project": "checkout-web", "event": EVENT},
        {"data": {"event": EVENT}},
        {"message": "no stack", "event_id": EVENT["event_id"]},
    ],
)
def test_event_is_found_in_every_shape(payload: dict[str, Any]) -> None:
    event, _ = parse_any(payload)
    assert event is not None
    assert event.event_id == EVENT["event_id"]


@pytest.mark.parametrize("payload", [ISSUE, webhook_issue("created", ISSUE), {**RECORDED, "body": ISSUE}])
def test_issue_is_found_in_every_shape(payload: dict[str, Any]) -> None:
    event, issue = parse_any(payload)
    assert event is None
    assert issue is not None
    assert issue.id == "77"


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ([], "not a JSON object"),
        (None, "not a JSON object"),
        ({}, "no keys at all"),
        ({"hello": 1}, "hello"),
        (webhook_metric_alert("critical"), "metric_alert"),
        ({**RECORDED, "body": 7}, "recorded delivery"),
        ({**RECORDED, "body": "<html>"}, "not JSON"),
        ({"shortId": "A-1", "id": {}}, "not a Sentry issue"),
    ],
)
def test_anything_else_says_what_was_expected(payload: object, said: str) -> None:
    with pytest.raises(BadPayload, match=said):
        parse_any(payload)
