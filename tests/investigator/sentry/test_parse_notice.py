from __future__ import annotations

from typing import Any

import pytest

from investigator.errors import BadPayload
from investigator.sentry.parse import parse_notice
from sandbox.sentry import (
    webhook_activity_alert,
    webhook_comment,
    webhook_error,
    webhook_event_alert,
    webhook_issue,
    webhook_metric_alert,
)
from sandbox.sentry.world import World
from tests.fixtures.sentry import frame, raw, stored_event

ISSUE = World("acme", "https://sentry.example").add_issue({"id": "77"})
EVENT = stored_event()
LEGACY = {
    "id": "77",
    "project": "checkout-web",
    "project_slug": "checkout-web",
    "culprit": "checkout.cart in total",
    "level": "error",
    "message": "cart is gone",
    "url": "https://sentry.example/acme/checkout-web/issues/77/",
    "triggering_rules": ["first", "second"],
    "event": {
        "id": 19_000_000_001,
        "event_id": "0" * 31 + "7",
        "culprit": None,
        "sentry.interfaces.Stacktrace": {"frames": [frame("total", 12)]},
    },
}


@pytest.mark.parametrize(
    ("body", "resource", "action"),
    [
        (webhook_event_alert(ISSUE, EVENT), "event_alert", "triggered"),
        (webhook_error(ISSUE, EVENT), "error", "created"),
        (webhook_issue("unresolved", ISSUE), "issue", "unresolved"),
        (webhook_activity_alert("status_regression", ISSUE), "activity_alert", "triggered"),
        (webhook_comment("created", ISSUE, "on it"), "comment", "created"),
        (
            {"action": "root_cause_started", "data": {"run_id": 4, "group_id": 77}},
            "seer",
            "root_cause_started",
        ),
        (LEGACY, "legacy_plugin", "triggered"),
    ],
)
def test_resource_and_issue_come_from_the_body(body: dict[str, Any], resource: str, action: str) -> None:
    notice = parse_notice(raw(body))
    assert (notice.resource, notice.action) == (resource, action)
    assert notice.issue_id == "77", f"{resource} tells which issue it is about"


@pytest.mark.parametrize(
    ("body", "resource"),
    [
        (webhook_metric_alert("critical"), "metric_alert"),
        ({"action": "size_analysis_completed", "data": {"buildId": "1"}}, "preprod_artifact"),
        ({"action": "created", "data": {"installation": {"uuid": "9"}}}, "installation"),
        ({"action": "reticulated", "data": {"splines": 3}}, "unknown"),
        ({"action": "created", "data": None}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_bodies_without_an_issue_are_told_apart(body: dict[str, Any], resource: str) -> None:
    notice = parse_notice(raw(body))
    assert (notice.resource, notice.issue_id) == (resource, None)


def test_event_alert_brings_event_rule_and_sender() -> None:
    notice = parse_notice(raw(webhook_event_alert(ISSUE, EVENT, rule="Page on-call")))
    assert notice.event is not None
    assert notice.event.frames[-1].function == "total"
    assert (notice.rule, notice.actor) == ("Page on-call", "Sentry")
    assert notice.installation == "7a485448-a9e2-4c85-8a3c-4f44175783c9"


def test_activity_alert_brings_its_type() -> None:
    notice = parse_notice(raw(webhook_activity_alert("status_regression", ISSUE, rule="Regressions")))
    assert (notice.activity_type, notice.rule) == ("status_regression", "Regressions")


def test_metric_alert_brings_its_projects() -> None:
    alert = parse_notice(raw(webhook_metric_alert("warning", projects=("a", "b")))).metric_alert
    assert alert is not None
    assert (alert.id, alert.title, alert.projects) == ("4001", "Warning: Too many errors", ("a", "b"))


def test_legacy_plugin_wraps_issue_fields_around_the_event() -> None:
    notice = parse_notice(raw(LEGACY))
    event = notice.event
    assert event is not None
    assert (event.event_id, event.issue_id) == ("0" * 31 + "7", "77"), "the event's own number is no issue id"
    assert (event.organization, event.project, event.culprit) == (
        "acme",
        "checkout-web",
        "checkout.cart in total",
    )
    assert (event.exceptions[0].value, len(event.frames)) == ("cart is gone", 1)
    assert notice.rule == "first, second"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b"<html>", "not JSON"),
        (b'{"a":NaN}', "not JSON"),
        (b'{"a":1', "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[]", "a list"),
        (b'"text"', "a text"),
        (b"7", "a number"),
        (b"null", "null"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "nested"),
    ],
)
def test_what_is_no_json_object_is_refused_by_name(body: bytes, said: str) -> None:
    with pytest.raises(BadPayload, match=said):
        parse_notice(body)


def test_lone_surrogates_and_double_keys_are_no_reason_to_lose_a_delivery() -> None:
    body = raw(webhook_event_alert(ISSUE, stored_event(title="half \ud83d")))
    notice = parse_notice(body.replace(b'{"action":', b'{"action":"old","action":', 1))
    assert notice.event is not None
    assert notice.event.title == "half \ufffd"
    assert notice.action == "triggered"
