"""Once a week, how good verdicts were, into the ops channel; at once when something really got worse."""

from __future__ import annotations

from datetime import datetime

import structlog

from investigator.composition import Program
from investigator.errors import OutsideCallFailed
from investigator.quality.figures import Figures
from investigator.quality.report import report

log = structlog.get_logger()

DAYS = 7
MONDAY, HOUR = 0, 8  # UTC


async def post_digest(program: Program, now: datetime) -> bool:
    """Post what is due at `now`, once; whether anything was.

    Raises:
        OutsideCallFailed: Slack cannot be reached; the next hour's turn tries again.
    """
    found = await report(program.store, now=now, days=DAYS)
    year, week, weekday = now.isocalendar()
    if found.quality.all.runs and (weekday - 1, now.hour) >= (MONDAY, HOUR):
        key = f"quality:{year}-{week}"
    elif any(drift.worse for drift in found.drifts):
        key = f"quality:drift:{year}-{week}:" + "+".join(d.what for d in found.drifts if d.worse)
    else:
        return False
    from investigator.quality.picture import alt_text

    figures = found.quality.all
    message = program.renderer.render(
        "quality", report=found, picture=await _picture(program, figures), description=alt_text(figures)
    )
    channel = program.settings.pilot_ops_channel or program.catalog.default_channel
    await program.thread.say(key, message, incident="", channel=channel)
    return True


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
