"""`pilot quality`: how good verdicts were, from the store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from redis.exceptions import RedisError
from rich.console import Console
from rich.table import Table

from bot.incidents_command import store_address
from investigator import store
from investigator.errors import StoreUnavailable
from investigator.quality.figures import Figures
from investigator.quality.report import QualityReport, report
from investigator.settings import Settings


async def measured(settings: Settings, *, days: int, as_json: bool) -> str:
    """The figures of the newest `days`, as a table or as JSON.

    Raises:
        ConfigurationError: no store is named, and none runs here.
        StoreUnavailable: the store does not answer.
    """
    async with store.connect(store_address(settings)) as connection:
        try:
            found = await report(connection, now=datetime.now(UTC), days=days)
        except (RedisError, OSError) as error:
            raise StoreUnavailable(f"the store does not answer: {error}; is `pilot up` running?") from None
    return found.model_dump_json(indent=2) if as_json else table(found)


def table(found: QualityReport) -> str:
    everything = found.quality
    table = Table("", "runs", "AI available", "right", "bullseye", "sure, but wrong", "Brier", "$ a run")
    table.add_row("all", *_cells(everything.all))
    groups = (everything.by_model, everything.by_prompt, everything.by_language, everything.by_service)
    for group in groups:
        for name, figures in group.items():
            table.add_row(name, *_cells(figures))
    fixes = everything.fixes
    console = Console(width=140)
    with console.capture() as capture:
        console.print(
            f"The {found.days} days until {found.until:%Y-%m-%d %H:%M} UTC. Shares: 95 % interval, n."
        )
        console.print(table)
        for line in _analyses(everything.all):
            console.print(line)
        console.print(
            f"Fixes: {fixes.offered} offered, {fixes.opened} opened, {fixes.merged} merged, "
            f"{fixes.closed} closed, {fixes.reverted} reverted. Roots of cascades right: {everything.roots}."
        )
        for line in _calibration(found):
            console.print(line)
        for drift in found.drifts:
            way = "worse" if drift.worse else "better"
            console.print(f"Changed for the {way}: {drift.what} {drift.recent}, usual was {drift.usual:.0%}.")
    return capture.get().rstrip()


def _analyses(figures: Figures) -> Iterator[str]:
    """How models did their part, whatever it was worth."""
    yield f"Claims that cite the evidence: {figures.grounded}; unusable answers: {figures.unusable}."
    times = ""
    if figures.seconds_p50 is not None and figures.seconds_p95 is not None:
        times = f"; p50 {figures.seconds_p50:.1f} s, p95 {figures.seconds_p95:.1f} s"
    yield f"Within the time allowed: {figures.within_budget}{times}."
    yield f"By another provider than the first: {figures.fell_back}."
    if figures.unavailable_by:
        reasons = (f"{why.replace('_', ' ')} {count}" for why, count in figures.unavailable_by.items())
        yield f"No analysis because: {', '.join(reasons)}."
    if figures.dollars is not None:
        yield f"Models cost ${figures.dollars:.2f}."


def _calibration(found: QualityReport) -> Iterator[str]:
    """A line a model: how sure it is shown to be, and what that changed."""
    learnt = found.calibration
    for name, graded in learnt.graded.items():
        curve, who = learnt.curves.get(name), name or "all models"
        if curve:
            yield (
                f"Confidence of {who}: 90 % is shown as {curve.at(0.9):.0%}, learnt from n = {curve.n} "
                f"graded incidents; Brier {curve.brier_said:.2f} as said, {curve.brier_shown:.2f} as shown."
            )
        else:
            why = "no better" if graded >= found.least_graded else f"needs {found.least_graded}"
            how = "shown like all models" if learnt.of(name) else "shown as said"
            yield f"Confidence of {who}: {how}; n = {graded} graded incidents ({why})."


def _cells(figures: Figures) -> list[str]:
    each = figures.dollars_each
    return [
        str(figures.runs),
        str(figures.available),
        str(figures.right),
        str(figures.bullseye),
        str(figures.sure_and_wrong),
        _brier(figures),
        "–" if each is None else f"{each:.3f}",
    ]


def _brier(figures: Figures) -> str:
    """Of what was shown; where that is something else, also of what was said."""
    shown, said = figures.brier, figures.brier_said
    if shown is None or said is None:
        return "–"
    return f"{shown:.2f}" if f"{shown:.2f}" == f"{said:.2f}" else f"{shown:.2f} (said {said:.2f})"
