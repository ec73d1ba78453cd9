"""Writing down how a run ended, for the figures."""

from __future__ import annotations

from datetime import UTC, datetime

import structlog
from redis.exceptions import RedisError

from investigator.composition import Program
from investigator.models.incident import Findings, Incident, Run
from investigator.models.report import Report
from investigator.quality.journal import note_run, record_of

log = structlog.get_logger()


async def remember_run(
    program: Program, incident: Incident, run: Run, findings: Findings, report: Report
) -> None:
    """Append the run to the journal. A figure that is missed is logged: nobody's thread waits for it."""
    budget = program.settings.pilot_ai_budget_seconds
    record = record_of(incident, run, findings, report, budget=budget, at=datetime.now(UTC))
    try:
        await note_run(program.store, record)
    except (RedisError, OSError) as error:
        log.warning("run_not_remembered", incident=incident.id, run=run.number, error=str(error))
