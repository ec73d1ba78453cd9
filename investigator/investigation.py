"""One run of one incident, read downwards: parent, evidence, report, analysis, verdict.

Every step may be repeated: a run that was cut off by a crash is started again from the top, finds what it
said already, and says only what is missing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

import structlog

from investigator.analysis.view import PENDING
from investigator.assessing import add_analysis, before_it_is_asked
from investigator.cascading import ask_to_show
from investigator.composition import Program
from investigator.holding import drop, held_until, hold, muted_until
from investigator.incident_channel.opening import give_channel
from investigator.looking import look
from investigator.models.incident import Findings, Incident, ParentMessage, Run
from investigator.models.message import Message
from investigator.models.report import Report
from investigator.placing import channel_of
from investigator.quality.remembering import remember_run
from investigator.redaction import Redaction, Vault, redact_document
from investigator.rendering import NEVER_SHOWN
from investigator.run_messages import post_report, reply, report_of, service_of
from investigator.similar import similar_to
from investigator.slack import SlackRefused
from investigator.slack_trouble import tell_ops
from investigator.standing import as_sentry_says
from investigator.thread import cannot_post_there

log = structlog.get_logger()

Stage = Literal["evidence", "analysis"]

LOOKED_BACK = 500  # the newest incidents, among which similar ones are looked for


async def investigate(program: Program, incident_id: str, number: int) -> None:
    """Carry out run `number` of an incident; a run that is done already is left alone.

    Raises:
        OutsideCallFailed: Slack cannot be reached; the job is to be tried again.
    """
    incident = await program.incidents.get(incident_id)
    run = _run(incident, number)
    if run is None or run.state == "done":
        log.info("nothing_to_do", incident=incident_id, run=number)
        return
    if await _is_quiet(program, incident) or await _is_put_off(program, incident, run):
        return
    incident = await ensure_parent(program, incident)
    if number > 1:
        await show_verdict(program, incident, await latest_report(program, incident), stage="evidence")
    findings = await _find_out(program, incident, number)
    await program.incidents.save_findings(incident.id, number, findings)
    incident = await program.incidents.get(incident.id)
    if await _is_quiet(program, incident):
        return
    report = report_of(program, incident, findings)
    await post_report(program, incident, run, report)
    incident = await give_channel(program, incident)
    if findings.assessment == PENDING:
        await show_verdict(program, incident, report, stage="analysis")
    findings = await add_analysis(program, incident, run, findings)
    report = report_of(program, incident, findings)
    done = concluded(run, report, datetime.now(UTC))
    # Shown before it is recorded: a run that is recorded as done is never looked at again.
    incident = _with_run(await program.incidents.get(incident.id), done, findings)
    await show_verdict(program, incident, report)
    await remember_run(program, incident, done, findings, report)
    await program.incidents.update(incident.id, lambda current: _with_run(current, done, findings))
    if incident.is_cascade:
        await ask_to_show(program, incident)
    log.info("investigated", incident=incident.id, run=number, verdict=report.verdict.line)


async def _is_quiet(program: Program, incident: Incident) -> bool:
    """It turned out to be part of another one, where all further is said; its thread points there."""
    if incident.merged_into is None:
        return False
    log.info("merged_meanwhile", incident=incident.id, into=incident.merged_into)
    await program.jobs.refresh(incident.id)
    return True


async def _is_put_off(program: Program, incident: Incident, run: Run) -> bool:
    """It is to be told at another hour, or it was and is over before anybody heard of it."""
    if until := await held_until(program, incident, run, datetime.now(UTC)):
        await hold(program, incident, run, until)
        if not run.not_before and not await muted_until(program, incident, datetime.now(UTC)):
            # Only the hour is wrong: the evidence is collected now, and told then.
            findings = await _find_out(program, incident, run.number)
            await program.incidents.save_findings(incident.id, run.number, findings)
        log.info("held", incident=incident.id, run=run.number, until=until.isoformat())
        return True
    if run.not_before and incident.status != "open" and incident.parent is None:
        await drop(program, incident)
        return True
    return False


async def give_up(program: Program, incident_id: str, number: int, why: str) -> None:
    """Say in the thread that a run has failed for good, and why."""
    incident = await program.incidents.get(incident_id)
    run = _run(incident, number)
    if run is None or run.state == "done":
        return
    failed = run.model_copy(update={"state": "failed", "failure": why, "finished_at": datetime.now(UTC)})
    incident = await program.incidents.update(incident_id, lambda current: _with_run(current, failed, None))
    if incident.parent:
        message = program.renderer.render("failure", incident=incident, why=why)
        await reply(program, incident, f"{incident.id}:failure:{number}", message)
        await show_verdict(program, incident, None)


async def ensure_parent(program: Program, incident: Incident) -> Incident:
    """Post the one parent message, if it is not there yet."""
    if incident.parent:
        return incident
    service, channel = service_of(program, incident), await channel_of(program, incident)
    message = program.renderer.render(
        "parent_investigating", incident=incident, service=service, analysed=program.analyst.configured
    )
    parent = await _post_parent(program, incident.model_copy(update={"channel": channel}), message)
    return await program.incidents.update(
        incident.id,
        lambda current: current.model_copy(update={"parent": current.parent or parent, "channel": channel}),
    )


async def show_verdict(
    program: Program, incident: Incident, report: Report | None, *, stage: Stage | None = None
) -> None:
    """Edit the parent so that it says what is known now; `stage` is where a run under way is."""
    if incident.parent is None:
        return
    message = program.renderer.render(
        "parent",
        incident=incident,
        service=service_of(program, incident),
        report=report,
        stage=stage,
        analysed=program.analyst.configured,
    )
    await program.thread.edit(parent_key(incident), message, incident=incident.id, at=incident.parent)


async def post_expansion(program: Program, incident_id: str, part: str) -> None:
    """Post everything the newest run found out (`part` "all"), or one part of it; each once per run."""
    incident = await program.incidents.get(incident_id)
    report = await latest_report(program, incident)
    alike = similar_to(incident, await program.incidents.recent(LOOKED_BACK)) if part == "similar" else []
    template = "analysis" if part == "analysis" and report and report.analysis else "expand"
    message = program.renderer.render(template, incident=incident, report=report, part=part, similar=alike)
    run = len(incident.runs)
    await reply(program, incident, f"{incident.id}:expand:{run}:{part}", message)


async def latest_report(program: Program, incident: Incident) -> Report | None:
    """The report of the newest finished run; None when there is none, or it was too long ago."""
    done = [run.number for run in incident.runs if run.state == "done"]
    findings = await program.incidents.findings(incident.id, done[-1]) if done else None
    return report_of(program, incident, findings) if findings else None


def hidden(findings: Findings, redaction: Redaction) -> Findings:
    """Without secrets, before a report cuts texts short: half a secret is not recognised any more. Pure."""
    return redact_document(findings, Vault(), redaction, leave=NEVER_SHOWN)


def parent_key(incident: Incident) -> str:
    return f"{incident.id}:parent"


async def _post_parent(program: Program, incident: Incident, message: Message) -> ParentMessage:
    key, fallback = parent_key(incident), program.catalog.default_channel
    try:
        return await program.thread.say(key, message, incident=incident.id, channel=incident.channel)
    except SlackRefused as refusal:
        if not cannot_post_there(refusal) or incident.channel == fallback:
            raise
        log.warning("misrouted", incident=incident.id, channel=incident.channel, code=refusal.code)
        refused = refusal
    parent = await program.thread.say(key, message, incident=incident.id, channel=fallback)
    await tell_ops(program, refused, incident.channel)
    notice = program.renderer.render(
        "ops_notice",
        incident=incident,
        channel=incident.channel,
        code=refused.code,
        remedy=refused.remedy,
    )
    await program.thread.say(
        f"{incident.id}:misrouted", notice, incident=incident.id, channel=parent.channel, thread_ts=parent.ts
    )
    return parent


async def _find_out(program: Program, incident: Incident, number: int) -> Findings:
    kept = await program.incidents.findings(incident.id, number)
    if kept and kept.assessment and kept.assessment.attempts:
        return kept  # cut off after a model was asked: what was said and paid for stands
    run = _run(incident, number)
    if kept and run and run.not_before:
        return kept  # collected when it happened, and held until business hours
    found = await look(program, incident)
    return before_it_is_asked(program, hidden(found, program.settings.pilot_redact))


def _run(incident: Incident, number: int) -> Run | None:
    return next((run for run in incident.runs if run.number == number), None)


def concluded(run: Run, report: Report, at: datetime) -> Run:
    """The run as its report left it. Pure."""
    return run.model_copy(
        update={
            "state": "done",
            "finished_at": at,
            "verdict": report.verdict.line,
            "suspect": report.suspect.commit.sha if report.suspect else None,
            "failure": None,
        }
    )


def _with_run(incident: Incident, run: Run, findings: Findings | None) -> Incident:
    update: dict[str, object] = {
        "runs": tuple(run if other.number == run.number else other for other in incident.runs)
    }
    if findings and findings.issue:
        issue = findings.issue
        update |= {
            "issue": issue,
            "title": issue.title or incident.title,
            "short_id": issue.short_id or incident.short_id,
            "web_url": issue.web_url or incident.web_url,
        }
    if findings and findings.event:
        update["environment"] = incident.environment or findings.event.environment
    after = incident.model_copy(update=update)
    return as_sentry_says(after, findings.issue, run.finished_at) if findings else after
