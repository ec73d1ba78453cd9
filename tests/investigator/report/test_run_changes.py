"""A further run says what changed, and when nothing did, that."""

from __future__ import annotations

import pytest

from investigator.changes import Changes, changes
from investigator.models.evidence import Deploy, Ranking
from investigator.models.incident import Findings
from investigator.models.report import Report
from investigator.plain_text import as_text
from investigator.rendering import Renderer
from investigator.report import build_report
from tests.fixtures import findings as given
from tests.fixtures.slack_checker import check

CURRENT = given.run(2, requested_by="U123", state="requested", suspect=None)
BLIND = given.SITUATIONS["no GitHub credentials"]
HOTFIX = Deploy(
    source="github_deployment", name="v1.4.3", sha="c" * 40, environment="production", at=given.minutes(20)
)
DEPLOYED = given.findings(code=given.code(deploys=(HOTFIX, *given.code().deploys)))


def report_on(found: Findings) -> Report:
    return build_report(found, service=given.CHECKOUT, opened_at=given.OPENED)


def between(before: Findings | None, after: Findings, suspect: str | None = given.SHA_BUG) -> Changes:
    return changes(
        given.run(suspect=suspect),
        CURRENT,
        before=report_on(before) if before else None,
        after=report_on(after),
    )


@pytest.mark.parametrize(
    ("before", "suspect", "after", "words"),
    [
        (given.findings(), given.SHA_BUG, given.findings(), "nothing changed since run 1"),
        (given.findings(), given.SHA_OTHER, given.findings(), "Another suspect: PR #142"),
        (BLIND, None, given.findings(), "A suspect was found: PR #142"),
        (BLIND, None, given.findings(), "Gap closed: commits were not looked at"),
        (
            given.findings(),
            given.SHA_BUG,
            given.findings(ranking=Ranking()),
            "`1a2b3c4` is no longer suspected",
        ),
        (
            given.findings(ranking=given.ranking(0.5)),
            given.SHA_BUG,
            given.findings(),
            "more sure: 82%, was 50%",
        ),
        (given.findings(), given.SHA_BUG, DEPLOYED, "New deploy: `v1.4.3` to production"),
        (
            given.findings(issue=given.issue(count=1200)),
            given.SHA_BUG,
            given.findings(),
            "4 more events since then",
        ),
        (None, given.SHA_BUG, given.findings(), "nothing changed since run 1"),
    ],
)
def test_the_difference_is_said(
    renderer: Renderer, before: Findings | None, suspect: str | None, after: Findings, words: str
) -> None:
    difference = between(before, after, suspect)
    message = renderer.render(
        "rerun",
        incident=given.incident(),
        service=given.CHECKOUT,
        report=report_on(after),
        changes=difference,
    )
    check(message)
    assert words in as_text(message, width=1_000)


def test_a_run_that_changed_nothing_is_short(renderer: Renderer) -> None:
    report = report_on(given.findings())
    difference = between(given.findings(), given.findings())
    message = renderer.render("rerun", incident=given.incident(), report=report, changes=difference)
    assert len(message.blocks) <= 3, "no second wall of text"
    assert message.text == "#42 run 2: nothing changed"


def test_a_little_more_certainty_is_no_news() -> None:
    assert between(given.findings(ranking=given.ranking(0.8)), given.findings()).nothing


def test_more_events_alone_are_no_news() -> None:
    difference = between(given.findings(issue=given.issue(count=1)), given.findings())
    assert difference.new_events == 1203
    assert difference.nothing
