"""Figures of quality say what happened, with n, and tell a real change from chance."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.quality_command import table
from investigator import keys
from investigator.judgements import Judgement, note
from investigator.quality.drift import drifts
from investigator.quality.figures import quality
from investigator.quality.journal import language_of, note_run, read, record_of
from investigator.quality.picture import alt_text, reliability_picture
from investigator.quality.records import Asked, Journal, RunRecord, Said
from investigator.quality.report import report_of
from investigator.quality.truth import grade_of, grades
from investigator.rendering import Renderer
from investigator.report import build_report
from tests.fixtures import findings as made

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def ran(number: int, **changed: Any) -> RunRecord:
    """A run that the first provider analysed."""
    return RunRecord(
        **{
            "incident": str(number),
            "run": 1,
            "at": NOW - timedelta(hours=number),
            "service": "checkout",
            "language": "python",
            "provider": "anthropic",
            "model": "m",
            "prompt": "analysis-1",
            "asked": (Asked(provider="anthropic", model="m", outcome="ok"),),
            "seconds": 4.0,
            "budget": 25.0,
            "claims": 4,
            "confidence": 0.9,
            **changed,
        }
    )


def graded(number: int, value: str, kind: str = "graded", **changed: Any) -> Said:
    return Said(kind=kind, incident=str(number), run=1, value=value, by="U1", at=NOW, **changed)


def test_nothing_known_is_shown_as_nothing_not_as_zero() -> None:
    found = quality(Journal())
    assert found.all.right.share is None
    assert found.all.brier is None
    assert str(found.all.available) == "–"


def test_availability_counts_why_there_was_none_and_leaves_out_who_wanted_none() -> None:
    none = {"provider": "", "model": "", "confidence": None}
    runs = (ran(1), ran(2, unavailable="timeout", **none), ran(3, unavailable="disabled", asked=(), **none))
    figures = quality(Journal(runs=runs)).all
    assert (figures.available.hits, figures.available.n) == (1, 2)
    assert figures.unavailable_by == {"timeout": 1, "disabled": 1}


def test_an_answer_of_the_second_provider_is_a_fallback() -> None:
    asked = (
        Asked(provider="anthropic", model="m", outcome="timeout"),
        Asked(provider="openai", model="g", outcome="ok"),
    )
    figures = quality(Journal(runs=(ran(1), ran(2, provider="openai", model="g", asked=asked)))).all
    assert (figures.fell_back.hits, figures.fell_back.n) == (1, 2)


def test_confident_and_wrong_is_counted_and_calibration_is_by_what_people_said() -> None:
    runs = tuple(ran(number) for number in range(1, 5))
    said = (graded(1, "bullseye"), graded(2, "near"), graded(3, "area"), graded(4, "wrong"))
    figures = quality(Journal(runs=runs, said=said)).all
    assert (figures.right.hits, figures.right.n) == (2, 4)
    assert (figures.sure_and_wrong.hits, figures.sure_and_wrong.n) == (2, 4)
    assert figures.brier == pytest.approx((2 * 0.01 + 2 * 0.81) / 4)
    assert [bucket.came_true.n for bucket in figures.reliability] == [4]


def test_a_persons_grade_outweighs_a_thumb_and_the_newest_of_a_kind_counts() -> None:
    known = grades((graded(1, "wrong"), graded(1, "up", kind="thumbs"), graded(1, "bullseye")))
    assert grade_of(known, "1", 1) == "bullseye"
    assert grade_of(known, "2", 1) is None


def test_a_merged_revert_confirms_its_suspect_and_a_merged_patch_does_not() -> None:
    def merged(number: int, what: str) -> Said:
        return Said(kind="fix_merged", incident=str(number), value=what, at=NOW)

    known = grades((merged(1, "revert"), merged(2, "patch")))
    assert grade_of(known, "1", 1) == "bullseye"
    assert grade_of(known, "2", 1) is None


def test_figures_are_split_by_what_might_make_a_difference() -> None:
    found = quality(Journal(runs=(ran(1), ran(2, language="go", model="other"))))
    assert set(found.by_language) == {"python", "go"}
    assert set(found.by_model) == {"anthropic/m", "anthropic/other"}


def test_drift_needs_more_than_a_bad_day() -> None:
    none: dict[str, Any] = {"provider": "", "model": "", "confidence": None}
    usual = quality(Journal(runs=tuple(ran(number) for number in range(100)))).all
    broken = tuple(ran(n, **({"unavailable": "timeout"} | none if n % 2 else {})) for n in range(40))
    few = quality(Journal(runs=broken[:6])).all
    many = quality(Journal(runs=broken)).all
    assert drifts(few, usual) == ()
    assert [(drift.what, drift.worse) for drift in drifts(many, usual)] == [("analyses available", True)]


def test_what_was_usual_is_the_time_before() -> None:
    old = tuple(ran(n, at=NOW - timedelta(days=20)) for n in range(1, 4))
    found = report_of(Journal(runs=(ran(9), *old)), now=NOW, days=7)
    assert found.quality.all.runs == 1


async def test_runs_and_judgements_come_back_from_the_store_and_the_newest_run_counts(store: Redis) -> None:
    now = datetime.now(UTC)
    await note_run(store, ran(1, at=now, unavailable="timeout"))
    await note_run(store, ran(1, at=now, late=True))
    await note(store, Judgement(kind="graded", incident="1", run=1, value="near", by="U1", at=now))
    await store.xadd(keys.QUALITY_EVENTS, {"kind": "run", "record": "{}"})
    journal = await read(store, now - timedelta(hours=1))
    assert [run.late for run in journal.runs] == [True]
    assert [(one.kind, one.value) for one in journal.said] == [("graded", "near")]


def test_a_record_says_what_the_report_said() -> None:
    incident, findings = made.incident(), made.findings()
    report = build_report(findings, service=made.CHECKOUT, opened_at=incident.opened_at)
    record = record_of(incident, incident.runs[0], findings, report, budget=25, at=NOW)
    assert record.suspect == (report.suspect.commit.sha if report.suspect else None)
    assert record.language == "python"


@pytest.mark.parametrize(
    ("path", "language"),
    [("a/b.tsx", "typescript"), ("X.java", "java"), ("Makefile", "unknown"), (None, "unknown")],
)
def test_a_language_is_known_by_the_files_ending(path: str | None, language: str) -> None:
    assert language_of(path) == language


def test_the_picture_is_one_and_has_its_words() -> None:
    figures = quality(Journal(runs=(ran(1),), said=(graded(1, "bullseye"),))).all
    assert reliability_picture(figures).startswith(b"\x89PNG")
    assert "right 1 of 1" in alt_text(figures)


def test_the_digest_says_what_changed_first() -> None:
    none = {"provider": "", "model": "", "confidence": None}
    old = tuple(ran(n, at=NOW - timedelta(days=20)) for n in range(1, 60))
    new = tuple(ran(100 + n, at=NOW, **({"unavailable": "timeout"} | none)) for n in range(30))
    found = report_of(Journal(runs=(*old, *new)), now=NOW, days=7)
    message = Renderer().render("quality", report=found, picture="F123", description="alt")
    shown = str(message.blocks)
    assert "Changed for the worse" in shown
    assert "F123" in shown
    assert "timeout 30" in shown


def test_a_terminal_is_told_as_much_as_slack() -> None:
    none = {"provider": "", "model": "", "confidence": None}
    runs = (
        ran(1, dollars=0.5),
        ran(2, prompt="analysis-2", withheld=4),
        ran(3, unavailable="timeout", **none),
    )
    shown = table(report_of(Journal(runs=runs), now=NOW, days=7))
    for told in (
        "analysis-2",
        "67 % (39–86), n = 12",
        "p95 4.0 s",
        "No analysis because: timeout 1",
        "$0.50",
    ):
        assert told in shown
