"""Analyses that no provider could make when they were asked for, made when one answers again within the hour.

The oldest one waiting is the probe: only when it succeeds are the others asked for as well.
"""

from __future__ import annotations

import structlog

from investigator import keys
from investigator.assessing import a_provider_failed, assessed, tell
from investigator.composition import Program
from investigator.investigation import show_verdict
from investigator.models.analysis import Assessment
from investigator.models.incident import Findings, Incident
from investigator.quality.remembering import remember_run
from investigator.run_messages import report_of
from investigator.store import decoded

log = structlog.get_logger()

WAITING_SECONDS = 3600


async def ask_for_oldest(program: Program, *, now: float) -> bool:
    """Enqueue the analysis that has waited longest; those that waited too long are given up. Idempotent."""
    await program.store.zremrangebyscore(keys.AI_PENDING, "-inf", now - WAITING_SECONDS)
    oldest = await program.store.zrange(keys.AI_PENDING, 0, 0)
    if not oldest:
        return False
    incident_id, _, run = decoded(oldest[0]).rpartition(":")
    return await program.jobs.analyse_late(incident_id, int(run))


async def analyse_late(
    program: Program, incident_id: str, number: int, *, tell_failure: bool = False
) -> bool:
    """Analyse what run `number` found out, and say that it is late. False when no provider could again,
    which the report then says with `tell_failure`.

    Raises:
        OutsideCallFailed: Slack cannot be reached; trying again asks no model again.
    """
    incident = await program.incidents.get(incident_id)
    findings = await program.incidents.findings(incident_id, number)
    if findings is None or findings.assessment is None or _superseded(incident, number):
        await _forget(program, incident_id, number)
        return True
    run = next(run for run in incident.runs if run.number == number)
    if findings.assessment.analysis is None:
        findings, worth_another_try = await _late(program, findings, findings.assessment)
        found = findings.assessment is not None and findings.assessment.analysis is not None
        if found or tell_failure:
            await program.incidents.save_findings(incident_id, number, findings)
        if not found:
            log.info("still_no_analysis", incident=incident_id, run=number)
            if not worth_another_try:
                await _forget(program, incident_id, number)
            if tell_failure:
                await tell(program, incident, run, findings)
            return False
    await tell(program, incident, run, findings)
    report = report_of(program, incident, findings)
    await show_verdict(program, incident, report)
    await remember_run(program, incident, run, findings, report)
    await _forget(program, incident_id, number)
    return True


async def _late(program: Program, findings: Findings, earlier: Assessment) -> tuple[Findings, bool]:
    """The findings assessed once more, and whether a provider failed again; what it cost is the sum."""
    now = (await assessed(program, findings)).assessment or earlier
    attempts = (*earlier.attempts, *now.attempts)
    late = now.model_copy(update={"late": now.analysis is not None, "attempts": attempts})
    return findings.model_copy(update={"assessment": late}), a_provider_failed(now)


def _superseded(incident: Incident, number: int) -> bool:
    """A later run has an analysis, or a reason for none, of its own."""
    return incident.run is None or incident.run.number != number or incident.run.state != "done"


async def _forget(program: Program, incident_id: str, number: int) -> None:
    await program.store.zrem(keys.AI_PENDING, f"{incident_id}:{number}")
