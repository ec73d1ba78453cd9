"""What a person who was woken finds in the incident's messages."""

from __future__ import annotations

import pytest

from investigator.models.incident import Findings, Incident
from investigator.models.message import Message
from investigator.models.report import Report
from investigator.plain_text import as_text
from investigator.rendering import Renderer
from investigator.report import build_report
from tests.fixtures import findings as given
from tests.fixtures.slack_checker import check


def report_on(found: Findings) -> Report:
    return build_report(found, service=given.CHECKOUT, opened_at=given.OPENED)


def parent(renderer: Renderer, incident: Incident, report: Report | None) -> Message:
    return renderer.render("parent", incident=incident, service=given.CHECKOUT, report=report)


def buttons(message: Message) -> dict[str, dict[str, str]]:
    return {
        button["action_id"]: button
        for block in message.blocks
        if block["type"] == "actions"
        for button in block["elements"]
    }


@pytest.mark.parametrize("situation", given.SITUATIONS)
@pytest.mark.parametrize(
    ("name", "extra"),
    [
        ("parent_investigating", {}),
        ("parent", {}),
        ("report", {}),
        *(
            ("expand", {"part": part})
            for part in ("all", "frames", "commits", "deploys", "owners", "breadcrumbs")
        ),
    ],
)
def test_every_situation_makes_a_message_that_slack_takes(
    renderer: Renderer, situation: str, name: str, extra: dict[str, str]
) -> None:
    report = report_on(given.SITUATIONS[situation])
    check(renderer.render(name, incident=given.incident(), service=given.CHECKOUT, report=report, **extra))


def test_the_parent_starts_with_the_error_and_where_how_bad_since_when(renderer: Renderer) -> None:
    incident = given.incident(issue=given.issue())
    message = renderer.render("parent_investigating", incident=incident, service=given.CHECKOUT)
    error, where = (block["text"]["text"] for block in message.blocks[:2])
    assert error == "ZeroDivisionError: division by zero", "the error itself comes first"
    first_line = where.split("\n")[0]
    for piece in (
        "pricing.py:88",
        "unit_price",
        "checkout",
        "production",
        "1,204 events",
        "37 users",
        "06:12 UTC",
    ):
        assert piece in first_line, f"the line under the error lacks {piece}"


def test_the_notification_says_what_where_and_which_incident(renderer: Renderer) -> None:
    message = parent(renderer, given.incident(), report_on(given.findings()))
    for piece in ("#42", "ZeroDivisionError", "checkout", "production", "most likely", "PR #142"):
        assert piece in message.text, f"the notification lacks {piece}"


def test_the_parent_names_the_suspect_with_link_reason_and_certainty(renderer: Renderer) -> None:
    message = parent(renderer, given.incident(), report_on(given.findings()))
    text = as_text(message, width=1_000, addresses=True)
    assert "Most likely PR #142 (https://github.com/acme/shop/pull/142)" in text
    assert "82% sure" in text
    assert "Why: " in text
    assert "last changed line 88 of `unit_price`" in text
    assert "12 minutes before the first event" in text


def test_the_parents_buttons_are_few_and_carry_the_incident(renderer: Renderer) -> None:
    found = buttons(parent(renderer, given.incident(), report_on(given.findings())))
    assert list(found) == [
        "pilot_fix",
        "pilot_expand",
        "pilot_rerun",
        "pilot_resolve",
        "pilot_link_sentry",
        "pilot_more",
    ]
    assert found["pilot_rerun"]["value"] == found["pilot_expand"]["value"] == "42"
    assert found["pilot_link_sentry"]["url"] == "https://acme.sentry.io/issues/4711/"


def test_the_parent_counts_repeats_instead_of_repeating(renderer: Renderer) -> None:
    incident = given.incident(events=14, last_event_at=given.minutes(30))
    text = as_text(parent(renderer, incident, report_on(given.findings())), width=1_000)
    assert "14 alerts, last 2026-11-24 06:42 UTC" in text


def test_a_resolved_incident_says_so_and_by_whom(renderer: Renderer) -> None:
    incident = given.incident(status="resolved", resolved_by="maria@acme.io", resolved_at=given.minutes(40))
    message = parent(renderer, incident, report_on(given.findings()))
    assert "Resolved by maria@acme.io, 2026-11-24 06:52 UTC" in as_text(message)
    assert "Resolved" in message.text, "the notification must not sound open"


def test_a_failed_run_says_why_and_what_to_do(renderer: Renderer) -> None:
    incident = given.incident(runs=(given.run(state="failed", failure="GitHub: timeout"),))
    text = as_text(parent(renderer, incident, None))
    assert "The investigation failed: GitHub: timeout. Re-run tries it again." in text
    assert "ZeroDivisionError" in text, "the error stays visible whatever failed"


def test_a_run_under_way_shows_in_the_parent_beside_the_last_verdict(renderer: Renderer) -> None:
    runs = (given.run(), given.run(2, state="requested", requested_by="U9"))
    text = as_text(parent(renderer, given.incident(runs=runs), report_on(given.findings())))
    assert "Investigating again… (asked by @U9)" in text
    assert "Most likely PR #142" in text


def test_without_kept_findings_the_parent_still_has_its_verdict(renderer: Renderer) -> None:
    incident = given.incident(runs=(given.run(verdict="unit_price fails, most likely since PR #142"),))
    assert "most likely since PR #142" in as_text(parent(renderer, incident, None))


@pytest.mark.parametrize(
    "piece",
    [
        "division by zero",
        "> 88 |     return total / order.quantity",
        "called from `services/checkout/cart.py:41` in `total`",
        "Most likely PR #142 “Allow carts without items” by @maria, 82% sure",
        "`1a2b3c4`, shipped with `v1.4.2` 12 minutes before the first event",
        "• last changed line 88 of `unit_price`, where it crashed",
        "Otherwise commit 9f8e7d6 “Bump dependencies” by Renovate, 6%",
        "1. Revert PR #142",
        "2. Or roll back to `v1.4.1`",
        "`v1.4.2` to production",
        "@acme/checkout owns `services/checkout/pricing.py` by `.github/CODEOWNERS`, line 12",
        "2 commits under suspicion: what checkout@1.4.2 added to checkout@1.4.1",
        "AI analysis unavailable: no provider configured",
    ],
)
def test_the_report_stands_on_its_own(renderer: Renderer, piece: str) -> None:
    report = report_on(given.findings())
    message = renderer.render("report", incident=given.incident(), service=given.CHECKOUT, report=report)
    assert piece in as_text(message, width=1_000), f"the report lacks: {piece}"


def test_every_gap_is_one_plain_line_with_its_remedy(renderer: Renderer) -> None:
    report = report_on(given.SITUATIONS["no GitHub credentials"])
    text = as_text(
        renderer.render("report", incident=given.incident(), service=given.CHECKOUT, report=report),
        width=1_000,
    )
    assert "no GitHub credentials: commits were not looked at" in text
    assert "commits were not looked at (no GitHub credentials). To change that: set GITHUB_TOKEN" in text


def test_where_no_code_is_to_blame_the_report_says_what_is_more_likely(renderer: Renderer) -> None:
    report = report_on(given.SITUATIONS["no code cause, an upstream is down"])
    text = as_text(
        renderer.render("report", incident=given.incident(), service=given.CHECKOUT, report=report)
    )
    assert "No commit in this window explains it, 74% sure; the error names `payments`" in text
    assert "1. Check `payments`" in text
    assert "Revert" not in text, "nobody should revert what did not do it"


def test_without_a_stack_the_report_shows_what_happened_before(renderer: Renderer) -> None:
    report = report_on(given.SITUATIONS["a message without a stack"])
    text = as_text(
        renderer.render("report", incident=given.incident(), service=given.CHECKOUT, report=report)
    )
    assert "`SELECT * FROM orders WHERE id = 7`" in text


def test_one_part_can_be_expanded_alone(renderer: Renderer) -> None:
    report = report_on(given.findings())
    text = as_text(renderer.render("expand", incident=given.incident(), report=report, part="commits"))
    assert "`9f8e7d6`" in text
    assert "Deploys" not in text, "who asks for commits gets commits"


def test_expanding_what_is_no_longer_kept_says_how_to_get_it(renderer: Renderer) -> None:
    message = renderer.render("expand", incident=given.incident(), report=None, part="all")
    check(message)
    assert "no longer kept. Re-run" in as_text(message)
