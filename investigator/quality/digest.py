"""Once a week, how good verdicts were, into the ops channel; at once when something really got worse."""

from __future__ import annotations

from datetime import datetime

import structlog

from investigator import keys
from investigator.composition import Program
from investigator.errors import OutsideCallFailed
from investigator.quality.figures import Figures
from investigator.quality.report import QualityReport, report
from investigator.thread import REMEMBER_SECONDS

log = structlog.get_logger()

DAYS = 7
MONDAY, HOUR = 0, 8  # UTC


async def post_digest(program: Program, now: datetime) -> bool:
    """Post what is due at `now`, once; whether anything was.

    Raises:
        OutsideCallFailed: Slack cannot be reached; the next hour's turn tries again.
    """
    found = await report(program.store, now=now, days=DAYS)
    unsaid = [key for key in _due(found, now) if await program.thread.where(key) is None]
    if not unsaid:
        return False
    from investigator.quality.picture import alt_text

    figures = found.quality.all
    message = program.renderer.render(
        "quality", report=found, picture=await _picture(program, figures), description=alt_text(figures)
    )
    channel = program.settings.pilot_ops_channel or program.catalog.default_channel
    posted = await program.thread.say(unsaid[0], message, incident="", channel=channel)
    for key in unsaid[1:]:  # the same message tells it
        await program.store.set(keys.said(key), posted.model_dump_json(), ex=REMEMBER_SECONDS)
    return True


def _due(found: QualityReport, now: datetime) -> list[str]:
    """Keys of what is to be said this week by now: its figures, and what got worse. Pure."""
    year, week, weekday = now.isocalendar()
    due = []
    if found.quality.all.runs and (weekday - 1, now.hour) >= (MONDAY, HOUR):
        due.append(f"quality:{year}-{week}")
    if worse := [drift.what for drift in found.drifts if drift.worse]:
        due.append(f"quality:drift:{year}-{week}:" + "+".join(worse))
    return due


async def _picture(program: Program, figures: Figures) -> str:
    """The id of the uploaded picture; empty when there is nothing to draw, or Slack takes no files."""
    if not figures.reliability:
        return ""
    from investigator.quality.picture import reliability_picture

    try:
        return await program.slack.upload(
            "reliability.png", reliability_picture(figures), title="How sure, how often right"
        )
    except OutsideCallFailed as failure:
        log.warning("digest_without_picture", error=str(failure))
        return ""
