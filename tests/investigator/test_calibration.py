"""How sure is shown follows from what was graded; while that is little, only from the model and the caps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from bot.quality_command import table
from investigator import keys
from investigator.judgements import Judgement, note
from investigator.quality.calibrating import calibrate, current, current_in_time
from investigator.quality.calibration import LEAST, NOTHING_GRADED, Calibration, calibration
from investigator.quality.journal import note_run
from investigator.quality.records import Journal, RunRecord, Said
from investigator.quality.report import report_of
from investigator.rendering import Renderer

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SHA = "1a2b3c4d" * 5


def ran(number: int, said: float, model: str = "m", **changed: Any) -> RunRecord:
    return RunRecord(
        **{
            "incident": str(number),
            "run": 1,
            "at": NOW + timedelta(minutes=number),
            "service": "checkout",
            "provider": "anthropic",
            "model": model,
            "confidence": said,
            "said": said,
            "blamed": SHA,
            "suspect": SHA,
            **changed,
        }
    )


def graded(number: int, right: bool) -> Said:
    grade = "bullseye" if right else "wrong"
    return Said(kind="graded", incident=str(number), run=1, value=grade, by="U1", at=NOW)


def journal(told: Sequence[tuple[float, bool]], model: str = "m", first: int = 1, **changed: Any) -> Journal:
    return Journal(
        runs=tuple(ran(first + at, said, model, **changed) for at, (said, _) in enumerate(told)),
        said=tuple(graded(first + at, right) for at, (_, right) in enumerate(told)),
    )


def together(*journals: Journal) -> Journal:
    return Journal(
        runs=tuple(run for one in journals for run in one.runs),
        said=tuple(said for one in journals for said in one.said),
    )


def learnt(*journals: Journal) -> Calibration:
    return calibration(together(*journals), NOTHING_GRADED, at=NOW)


BOASTS = [(0.9, at % 2 == 0) for at in range(40)]  # says 90 %, is right half of the time
NAME = ("anthropic", "m")


def test_with_nothing_graded_nothing_is_learnt() -> None:
    assert learnt(Journal()).curve(NAME) is None


def test_with_little_graded_the_model_is_shown_as_it_says() -> None:
    found = learnt(journal(BOASTS[: LEAST - 1]))
    assert found.curve(NAME) is None
    assert found.graded["anthropic/m"] == LEAST - 1, "how many there are is told all the same"


def test_a_model_that_boasts_is_shown_as_sure_as_it_is_right() -> None:
    curve = learnt(journal(BOASTS)).curve(NAME)
    assert curve is not None
    assert curve.n == 40
    assert curve.at(0.9) == pytest.approx(0.5, abs=0.06)
    assert curve.brier_shown < curve.brier_said - 0.1
    assert curve.said[0].mean_forecast == pytest.approx(0.9)
    assert curve.shown[0].mean_forecast == pytest.approx(0.5, abs=0.1)


def test_a_model_that_says_how_it_is_stays_as_it_is() -> None:
    honest = [(0.8, at % 5 != 0) for at in range(60)]
    curve = learnt(journal(honest)).curve(NAME)
    assert curve is None or curve.at(0.8) == pytest.approx(0.8, abs=0.05)


def test_a_model_of_which_little_is_known_goes_by_all_models() -> None:
    found = learnt(journal(BOASTS), journal([(0.9, True)] * 3, "new", first=100))
    curve = found.curve(("anthropic", "new"))
    assert curve is not None
    assert curve.n == 43
    assert curve.at(0.9) < 0.65


def test_each_model_goes_by_its_own_once_there_is_enough() -> None:
    modest = [(0.6, at % 10 != 0) for at in range(60)]
    found = learnt(journal(BOASTS), journal(modest, "modest", first=100))
    mine, other = found.curve(NAME), found.curve(("anthropic", "modest"))
    assert mine is not None
    assert other is not None
    assert mine.at(0.9) < 0.62
    assert other.at(0.6) > 0.7


def test_a_model_that_says_how_it_is_does_not_pay_for_others_that_boast() -> None:
    honest = [(0.8, at % 5 != 0) for at in range(60)]
    curve = learnt(journal(BOASTS), journal(honest, "honest", first=100)).curve(("anthropic", "honest"))
    assert curve is None or curve.at(0.8) == pytest.approx(0.8, abs=0.06)


def test_it_never_learns_from_what_it_made_itself() -> None:
    raw = journal(BOASTS)
    shown = journal(BOASTS, confidence=0.5)  # what was shown had been calibrated already
    assert learnt(shown).curves == learnt(raw).curves


def test_a_rerun_does_not_count_twice_and_a_grade_of_two_answers_for_none() -> None:
    again = Journal(runs=tuple(run.model_copy(update={"run": 2}) for run in journal(BOASTS).runs))
    whole = tuple(one.model_copy(update={"run": 0}) for one in journal(BOASTS).said)
    assert learnt(Journal(runs=(*journal(BOASTS).runs, *again.runs), said=whole)).graded["anthropic/m"] == 40
    assert learnt(journal(BOASTS, blamed="f" * 40)).graded == {"": 0}


def test_a_version_changes_only_with_what_it_says() -> None:
    first = learnt(journal(BOASTS))
    assert calibration(journal(BOASTS), first, at=NOW + timedelta(hours=1)) is first
    more = calibration(journal([*BOASTS, (0.9, False)]), first, at=NOW)
    assert (first.version, more.version) == (1, 2)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=LEAST, max_size=60), st.data())
def test_whatever_was_graded_surer_is_never_shown_as_less_sure(
    told: list[tuple[float, bool]], data: st.DataObject
) -> None:
    curve = learnt(journal(told)).curve(NAME)
    less, more = sorted(data.draw(st.tuples(st.floats(0, 1), st.floats(0, 1))))
    if curve:
        assert 0 <= curve.at(less) <= curve.at(more) <= 1
        assert curve.brier_shown < curve.brier_said


async def test_the_clock_learns_from_the_store_once(store: Redis) -> None:
    now = datetime.now(UTC)
    assert await current(store) == NOTHING_GRADED
    for run in journal(BOASTS).runs:
        await note_run(store, run)
    for one in journal(BOASTS).said:
        value = Judgement(kind="graded", incident=one.incident, run=1, value=one.value, by="U1", at=now)
        await note(store, value)
    assert await calibrate(store, now)
    assert not await calibrate(store, now), "nothing new, nothing changed"
    kept = await current_in_time(store)
    assert kept.version == 1
    assert kept.curve(NAME) is not None


async def test_a_calibration_that_cannot_be_read_or_reached_changes_nothing(store: Redis) -> None:
    await store.set(keys.CALIBRATION, "{")
    assert await current(store) == NOTHING_GRADED
    away = Redis(host="127.0.0.1", port=9, socket_timeout=0.2)
    assert await current_in_time(away) == NOTHING_GRADED


def test_what_was_learnt_is_shown_with_n_before_and_after() -> None:
    few = journal([(0.9, True)] * 3, "new", first=100)
    both = together(journal(BOASTS), few)
    found = report_of(both, now=NOW + timedelta(days=1), days=7, calibration=learnt(both))
    in_slack = str(Renderer().render("quality", report=found).blocks)
    in_terminal = table(found)
    assert "learnt from 40 graded incidents" in in_slack
    assert f"3 of {LEAST} graded incidents" in in_slack
    assert "learnt from n = 40 graded incidents; Brier 0.41 as said, 0.2" in in_terminal
    assert f"anthropic/new: shown like all models; n = 3 graded incidents (needs {LEAST})" in in_terminal


def test_figures_compare_what_was_shown_with_what_was_said() -> None:
    figures = report_of(journal(BOASTS, confidence=0.5), now=NOW + timedelta(days=1), days=7).quality.all
    assert figures.brier == pytest.approx(0.25)
    assert figures.brier_said == pytest.approx(0.41)
