from __future__ import annotations

from typing import Any

import pytest

from investigator.sentry.identity import semantic_identity
from investigator.sentry.parse import parse_notice
from sandbox.sentry import (
    Sender,
    webhook_activity_alert,
    webhook_comment,
    webhook_error,
    webhook_event_alert,
    webhook_issue,
    webhook_metric_alert,
)
from sandbox.sentry.world import World
from tests.fixtures.sentry import raw, stored_event

ISSUE = World("acme", "https://sentry.example").add_issue({"id": "77"})
EVENT = stored_event()
OTHER_EVENT = stored_event(event_id="f" * 32)
ELSEWHERE = Sender(installation="00000000-0000-4000-8000-000000000000")


def identity(body: dict[str, Any]) -> str | None:
    return semantic_identity(parse_notice(raw(body)))


def test_one_event_matched_by_two_rules_is_one_thing() -> None:
    first, second = (identity(webhook_event_alert(ISSUE, EVENT, rule=rule)) for rule in ("a", "b"))
    assert first is not None
    assert first == second, "rules that match the same event must not make two things of it"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (webhook_event_alert(ISSUE, EVENT), webhook_event_alert(ISSUE, OTHER_EVENT)),
        (webhook_event_alert(ISSUE, EVENT), webhook_event_alert(ISSUE, EVENT, sender=ELSEWHERE)),
        (webhook_event_alert(ISSUE, EVENT), webhook_error(ISSUE, EVENT)),
        (webhook_issue("resolved", ISSUE), webhook_issue("unresolved", ISSUE)),
        (
            webhook_issue("unresolved", {**ISSUE, "substatus": "regressed"}),
            webhook_issue("unresolved", {**ISSUE, "substatus": "escalating"}),
        ),
        (
            webhook_issue("resolved", ISSUE),
            webhook_issue("resolved", {**ISSUE, "lastSeen": "2026-03-02T11:00:00Z"}),
        ),
        (webhook_metric_alert("critical"), webhook_metric_alert("resolved")),
        (webhook_comment("created", ISSUE, "a"), webhook_comment("deleted", ISSUE, "a")),
        (
            webhook_activity_alert("status_resolved", ISSUE),
            webhook_activity_alert("status_regression", ISSUE),
        ),
    ],
)
def test_different_things_have_different_identities(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert identity(one) is not None
    assert identity(one) != identity(other)


@pytest.mark.parametrize(
    "body",
    [
        webhook_event_alert(ISSUE, {**EVENT, "event_id": None}),
        {"action": "started", "data": {"run_id": 1}},
        {"id": "77", "event": EVENT, "project": "unsigned legacy plugin"},
        {"action": "created", "data": {}},
    ],
)
def test_what_cannot_be_told_apart_has_no_identity(body: dict[str, Any]) -> None:
    assert identity(body) is None
