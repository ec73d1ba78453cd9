from __future__ import annotations

from datetime import UTC, datetime

import pytest

from investigator.errors import BadPayload
from investigator.sentry.parse import parse_issue
from sandbox.sentry import webhook_issue
from sandbox.sentry.world import World


def test_issue_is_read_whole() -> None:
    given = World("acme", "https://sentry.example").add_issue(
        {
            "id": 77,
            "title": "KeyError: 'cart'",
            "metadata": {"type": "KeyError", "value": "'cart'"},
            "count": "1204",
            "userCount": 31,
            "assignedTo": {"type": "team", "id": "3", "name": "payments"},
            "firstRelease": {"version": "shop@1"},
        }
    )
    issue = parse_issue(webhook_issue("created", given)["data"]["issue"])

    assert (issue.id, issue.short_id, issue.organization) == ("77", "CHECKOUT-WEB-1", "acme")
    assert (issue.project, issue.project_id) == ("checkout-web", "4509000001")
    assert (issue.count, issue.user_count) == (1204, 31), "Sentry writes the count as text"
    assert (issue.error_type, issue.error_value) == ("KeyError", "'cart'")
    assert (issue.assigned_to, issue.first_release) == ("payments", "shop@1")
    assert issue.last_seen == datetime(2026, 3, 2, 10, 15, tzinfo=UTC)
    assert issue.web_url == "https://sentry.example/organizations/acme/issues/77/"


def test_every_field_but_the_id_may_be_null() -> None:
    issue = parse_issue({"id": "5", "project": None, "metadata": None, "count": None, "permalink": None})
    assert (issue.id, issue.project, issue.count, issue.web_url) == ("5", None, None, None)


@pytest.mark.parametrize("count", ["lots", "-1", "1.5", True, [], 2**80, "1e400"])
def test_counts_that_are_none_are_left_out(count: object) -> None:
    assert parse_issue({"id": "5", "count": count}).count is None


@pytest.mark.parametrize("issue_id", [None, {}, "a/b", ""])
def test_no_issue_without_an_id(issue_id: object) -> None:
    with pytest.raises(BadPayload, match="id"):
        parse_issue({"id": issue_id})
