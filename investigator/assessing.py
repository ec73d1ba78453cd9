"""The analysis of a run: asked after the report is posted, told in the thread; or the report says why not."""

from __future__ import annotations

import time

import structlog

from investigator import keys
from investigator.analysis.failures import blames_provider
from investigator.analysis.fix_question import why_not
from investigator.analysis.view import NO_PROVIDER, PENDING
from investigator.composition import Program
from investigator.counters import AI_UNAVAILABLE, LLM_REQUESTS
from investigator.models.analysis import Assessment
from investigator.models.incident import Findings, Incident, Run
from investigator.run_messages import edit_report, post_analysis, report_of

log = structlog.get_logger()

OUR_ERROR = Assessment(reason="our_error", words="an error of our own; it is in the worker's log")


def before_it_is_asked(program: Program, findings: Findings) -> Findings:
    """Findings whose report says whether an analysis is to follow."""
    return findings.model_copy(update={"assessment": PENDING if program.analyst.configured else NO_PROVIDER})


async def add_analysis(program: Program, incident: Incident, run: Run, findings: Findings) -> Findings:
    """The findings with their assessment, which the thread then shows.

    Raises:
        OutsideCallFailed: Slack cannot be reached; trying again asks no model again.
    """
    if findings.assessment == NO_PROVIDER:
        await AI_UNAVAILABLE.add(program.store, NO_PROVIDER.reason)
        return findings
    if findings.assessment == PENDING:
        findings = await assessed(program, findings)
        if findings.assessment and findings.assessment.analysis is None:
            await AI_UNAVAILABLE.add(program.store, findings.assessment.reason)
        await program.incidents.save_findings(incident.id, run.number, findings)
    await tell(program, incident, run, findings)
    return findings


async def assessed(program: Program, findings: Findings) -> Findings:
    """Ask, and count what was asked."""
    assessment = await _ask(program, findings)
    for attempt in assessment.attempts:
        await LLM_REQUESTS.add(program.store, attempt.provider, attempt.model, attempt.outcome)
    return findings.model_copy(update={"assessment": assessment})


async def tell(program: Program, incident: Incident, run: Run, findings: Findings) -> None:
    """Let report and thread say how it went; remember what a provider that recovers can still analyse."""
    report = report_of(program, incident, findings)
    await edit_report(program, incident, run, report)
    if report.analysis:
        await post_analysis(program, incident, run, report)
        if why_not(findings) is None:
            await program.jobs.suggest_fix(incident.id, run.number)
    elif findings.assessment and a_provider_failed(findings.assessment):
        await program.store.zadd(keys.AI_PENDING, {f"{incident.id}:{run.number}": time.time()}, nx=True)


def a_provider_failed(assessment: Assessment) -> bool:
    """May one that recovers still give what the others, perhaps, could not?"""
    kinds = (assessment.reason, *(attempt.outcome for attempt in assessment.attempts))
    return any(map(blames_provider, kinds))


async def _ask(program: Program, findings: Findings) -> Assessment:
    try:
        return await program.analyst.assess(findings)
    except Exception:  # the report stands without it, and must not fail with it
        log.exception("analysis_failed")
        return OUR_ERROR
