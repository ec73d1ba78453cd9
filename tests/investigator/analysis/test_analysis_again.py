"""A re-run whose analysis is no news says what moved; one that is news is told in full."""

from __future__ import annotations

from typing import Any

import pytest

from investigator.analysis.again import same_again
from investigator.models.report import AnalysisView, Cited, ClaimView
from investigator.plain_text import as_text
from investigator.rendering import Renderer
from investigator.report import build_report
from investigator.verdict import band
from tests.fixtures.findings import CHECKOUT, OPENED, findings, incident

PR = Cited(id="C1", label="PR #142", url="https://github.com/acme/shop/pull/142")
OTHER = Cited(id="C2", label="commit 9f8e7d6", url="https://github.com/acme/shop/commit/9f8e7d6")
CRASH = Cited(id="F1", label="services/checkout/pricing.py:88")
EMPTY_CARTS = "PR #142 lets carts without items through, so unit_price divides by zero."
REWORDED = "Since PR #142 an empty cart reaches unit_price, which divides by zero."
OUTAGE = "The payment provider refuses every connection from our region."


def view(text: str = EMPTY_CARTS, **changed: Any) -> AnalysisView:
    sure = changed.pop("confidence", 0.71)
    return AnalysisView(
        **{
            "hypothesis": ClaimView(text=text, cited=changed.pop("cited", ())),
            "suspect": PR,
            "confidence": sure,
            "band": band(sure),
            "model": "m",
            **changed,
        }
    )


def test_the_same_cause_in_other_words_is_no_news_and_what_moved_is_told() -> None:
    same = same_again([(1, view())], view(REWORDED, confidence=0.74))
    assert same is not None
    assert (same.stands, same.confidence_before, same.model_before) == (1, 0.71, None)


def test_one_suspect_at_one_place_is_one_cause_however_it_is_worded() -> None:
    assert same_again([(1, view(cited=(PR, CRASH)))], view("A guard was dropped.", cited=(CRASH,)))


@pytest.mark.parametrize(
    "now",
    [
        view(suspect=OTHER),
        view(suspect=None),
        view(OUTAGE),
        view("Rounding is wrong in the new tax rules of Norway."),
    ],
)
def test_another_suspect_or_another_cause_is_news(now: AnalysisView) -> None:
    assert same_again([(1, view())], now) is None


def test_without_a_suspect_only_the_words_say_whether_it_is_the_same() -> None:
    before = view(OUTAGE, suspect=None, cited=(CRASH,))
    assert same_again([(1, before)], view("Disks are full.", suspect=None, cited=(CRASH,))) is None
    assert same_again([(1, before)], before)


def test_it_is_compared_with_what_stands_in_the_thread_and_moved_since_the_newest() -> None:
    earlier = [
        (1, view(suspect=OTHER)),
        (2, view(confidence=0.5)),
        (4, view(REWORDED, confidence=0.6, model="n")),
    ]
    same = same_again(earlier, view(confidence=0.9))
    assert same is not None
    assert (same.stands, same.confidence_before, same.model_before) == (2, 0.6, "n")
    assert same_again([], view()) is None


def test_new_numbers_of_who_is_affected_are_told() -> None:
    few, many = (ClaimView(text=f"{users} users of production.") for users in (37, 52))
    now = view(blast_radius=many)
    same = same_again([(1, view(blast_radius=few))], now)
    assert same is not None
    assert same.blast_radius == many
    still = same_again([(1, now)], now)
    assert still is not None
    assert still.blast_radius is None


def shown(now: AnalysisView, before: AnalysisView) -> str:
    report = build_report(findings(), service=CHECKOUT, opened_at=OPENED).model_copy(update={"analysis": now})
    message = Renderer().render(
        "analysis_again", incident=incident(), run=2, report=report, same=same_again([(1, before)], now)
    )
    return " ".join(as_text(message).split())


def test_the_thread_says_it_in_two_lines() -> None:
    text = shown(view(confidence=0.74, calibrated_on=41), view())
    assert "AI analysis, run 2: same suspect, same cause as in run 1" in text
    assert "confidence 71% → 74%, calibrated on 41 graded incidents" in text
    assert "expand analysis" in text
    assert EMPTY_CARTS not in text
    none = view(suspect=None)
    assert "still no code cause, and the same cause as in run 1; as sure as before (71%)" in shown(none, none)
