"""The analysis as people read it: within Slack's limits, escaped, with its doubts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from investigator.models.analysis import Analysis, Assessment, Claim
from investigator.models.message import Message
from investigator.models.report import Report
from investigator.plain_text import as_text
from investigator.rendering import Renderer
from investigator.report import build_report
from tests.fixtures import findings as made
from tests.fixtures.slack_checker import check


def analysis(**changed: Any) -> Analysis:
    return Analysis(
        **{
            "hypothesis": Claim(text="Empty carts reach a division.", evidence=("C1", "F1")),
            "mechanism": (Claim(text="The quantity is 0.", evidence=("F1",)),),
            "suspect": made.SHA_BUG,
            "suspect_id": "C1",
            "confidence": 0.7,
            "band": "most likely",
            "blast_radius": Claim(text="37 users.", evidence=("E2",)),
            "checks": ("See whether the carts are empty.",),
            "disproof": ("The error in events before the deploy.",),
            "provider": "openai",
            "model": "gpt-6.1-terra",
            "prompt": "analysis-1",
            **changed,
        }
    )


def report_with(assessment: Assessment) -> Report:
    found = made.findings(assessment=assessment)
    return build_report(found, service=made.CHECKOUT, opened_at=made.OPENED)


def message(renderer: Renderer, one: Analysis, **more: Any) -> Message:
    report = report_with(Assessment(analysis=one, **more))
    return renderer.render("analysis", incident=made.incident(), report=report)


def test_claims_link_to_their_evidence_and_doubts_are_said(renderer: Renderer) -> None:
    shown = message(renderer, analysis(withheld=2), late=True)
    markup = str(shown.blocks)
    assert "<https://github.com/acme/shop/pull/142|PR #142>" in markup
    assert "pricing.py#L88|" in markup
    text = as_text(shown, width=1_000)
    assert "Most likely (70% sure)" in text
    assert "2 statements left out that the evidence does not bear" in text
    assert "made late" in text
    assert "What would prove it wrong" in text
    assert "gpt-6.1-terra" in shown.text, "the notification names the model, too"


@pytest.mark.parametrize(
    ("suspect", "said"),
    [("C2", "the ranking in the report names another"), (None, "the ranking in the report names a commit")],
)
def test_an_analysis_that_contradicts_the_ranking_says_so(
    renderer: Renderer, suspect: str | None, said: str
) -> None:
    sha = made.SHA_OTHER if suspect else None
    text = as_text(message(renderer, analysis(suspect=sha, suspect_id=suspect)), width=1_000)
    assert said in text
    assert said not in as_text(message(renderer, analysis()), width=1_000)


@pytest.mark.parametrize(
    ("assessment", "status", "note"),
    [
        (None, "unavailable", "AI analysis unavailable: no provider configured"),
        (Assessment(reason="pending"), "unavailable", "AI analysis follows"),
        (Assessment(reason="disabled"), "disabled", "AI analysis disabled"),
        (
            Assessment(reason="timeout", words="x did not answer in time"),
            "unavailable",
            "x did not answer in time",
        ),
        (Assessment(analysis=analysis()), "ok", "AI analysis below, by gpt-6.1-terra"),
    ],
)
def test_the_report_says_how_it_went(
    renderer: Renderer, assessment: Assessment | None, status: str, note: str
) -> None:
    report = build_report(made.findings(assessment=assessment), service=made.CHECKOUT, opened_at=made.OPENED)
    assert report.ai_status == status
    shown = renderer.render("report", incident=made.incident(), service=made.CHECKOUT, report=report)
    assert note in as_text(shown, width=1_000)


BAD = st.sampled_from(
    ("<!channel>", "<https://evil.example|x>", "`", "*_~", "\u202e", "\x00", "@here", "a " * 900)
)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(BAD, min_size=1, max_size=6).map(" ".join))
def test_slack_takes_it_whatever_the_model_wrote(renderer: Renderer, text: str) -> None:
    claim = Claim(text=text, evidence=("C1", "E1", "B1"))
    shown = message(
        renderer,
        analysis(
            hypothesis=claim,
            mechanism=(claim,) * 8,
            blast_radius=claim,
            checks=(text,) * 8,
            disproof=(text,) * 8,
        ),
    )
    check(shown)
    assert "<!channel>" not in str(shown.blocks)
    assert "<https://evil.example" not in str(shown.blocks)
