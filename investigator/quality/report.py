"""Quality of the newest days beside what was usual before: what the command, the verb and the digest show."""

from __future__ import annotations

from datetime import datetime, timedelta

from redis.asyncio import Redis

from investigator.models.base import Value
from investigator.quality.calibrating import current
from investigator.quality.calibration import LEAST, NOTHING_GRADED, Calibration
from investigator.quality.drift import Drift, drifts
from investigator.quality.figures import Quality, quality
from investigator.quality.journal import read
from investigator.quality.records import Journal

BASELINE_DAYS = 28


class QualityReport(Value):
    """`quality` of the `days` before `until`; `drifts` against the four weeks before those.

    `calibration` is the one in force, whatever the days.
    """

    until: datetime
    days: int
    quality: Quality
    drifts: tuple[Drift, ...]
    calibration: Calibration
    least_graded: int = LEAST  # incidents, before a calibration is tried


async def report(store: Redis, *, now: datetime, days: int) -> QualityReport:
    journal = await read(store, now - timedelta(days=days + BASELINE_DAYS))
    return report_of(journal, now=now, days=days, calibration=await current(store))


def report_of(
    journal: Journal, *, now: datetime, days: int, calibration: Calibration = NOTHING_GRADED
) -> QualityReport:
    """Pure. What was said of a run counts for it whenever it was said."""
    since = now - timedelta(days=days)
    recent = quality(_between(journal, since, None))
    usual = quality(_between(journal, None, since))
    return QualityReport(
        until=now,
        days=days,
        quality=recent,
        drifts=drifts(recent.all, usual.all),
        calibration=calibration,
    )


def _between(journal: Journal, since: datetime | None, until: datetime | None) -> Journal:
    def inside(at: datetime) -> bool:
        return (since is None or at >= since) and (until is None or at < until)

    runs = tuple(run for run in journal.runs if inside(run.at))
    judged = {(run.incident, run.run) for run in runs} | {(run.incident, 0) for run in runs}
    said = tuple(one for one in journal.said if (one.incident, one.run) in judged or inside(one.at))
    return Journal(runs=runs, said=said)
