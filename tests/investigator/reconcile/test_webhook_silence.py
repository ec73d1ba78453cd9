"""A project whose webhooks do not come is noticed; a single webhook that got lost is not made much of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from investigator.models.sentry import SentryIssue
from investigator.reconcile.news import Action, News
from investigator.reconcile.silence import is_regular, silent, unheard_after
from investigator.reconcile.window import OVERLAP, Unheard, Window

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
EARLIER, LATER = NOON - timedelta(hours=1), NOON + timedelta(hours=1)


def found(*ids: str, action: Action = "created", project: str | None = "web") -> list[News]:
    return [News(issue=SentryIssue(id=i, project=project), action=action) for i in ids]


def test_three_issues_without_a_webhook_are_silence() -> None:
    unheard = unheard_after({}, found("1", "2"), {}, NOON)
    assert not silent(unheard)
    unheard = unheard_after(unheard, found("3"), {"web": EARLIER, "api": LATER}, LATER)
    assert silent(unheard) == {"web": Unheard(since=NOON, issues=("1", "2", "3"))}


def test_the_same_issue_found_again_is_counted_once() -> None:
    unheard = unheard_after({}, found("1", "2"), {}, NOON)
    assert not silent(unheard_after(unheard, found("1", "2"), {}, NOON))


def test_a_webhook_of_the_project_ends_the_silence() -> None:
    unheard = unheard_after({}, found("1", "2", "3"), {}, NOON)
    assert silent(unheard)
    assert not unheard_after(unheard, [], {"web": LATER}, LATER)


def test_a_project_that_was_heard_in_the_window_lost_single_webhooks_only() -> None:
    assert not unheard_after({}, found("1", "2", "3"), {"web": NOON}, EARLIER)


@pytest.mark.parametrize("action", ["resolved", "ignored"])
def test_what_settled_is_no_proof(action: Action) -> None:
    assert not unheard_after({}, found("1", "2", "3", action=action), {}, NOON)


def test_issues_without_a_project_accuse_nobody() -> None:
    assert not unheard_after({}, found("1", "2", "3", project=None), {}, NOON)


def test_a_window_that_makes_up_for_our_own_absence_proves_nothing() -> None:
    every = timedelta(minutes=2)
    regular = OVERLAP + every
    assert is_regular(Window(start=NOON - regular, end=NOON), every)
    assert not is_regular(Window(start=EARLIER, end=NOON), every)
