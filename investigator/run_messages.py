"""What a run says in its incident's thread: the report, then the analysis."""

from __future__ import annotations

from investigator.analysis.again import same_again
from investigator.changes import changes
from investigator.composition import Program
from investigator.errors import PilotError
from investigator.models.incident import Findings, Incident, ParentMessage, Run
from investigator.models.message import Message
from investigator.models.report import AnalysisView, Report
from investigator.models.service import Service
from investigator.report import build_report


def service_of(program: Program, incident: Incident) -> Service:
    return program.catalog.service(incident.service) or program.catalog.service_of(incident.project)


def code_owner(program: Program, incident: Incident, findings: Findings) -> Service:
    """The service whose code a run looked at: in a cascade, not always the one that alerted first."""
    return _named(program, incident, findings.code_of)


def _named(program: Program, incident: Incident, name: str | None) -> Service:
    if name is None or name == incident.service:
        return service_of(program, incident)
    return program.catalog.service(name) or program.catalog.service_of(name)


def report_of(program: Program, incident: Incident, findings: Findings) -> Report:
    service = _named(program, incident, findings.service)
    return build_report(findings, service=service, opened_at=incident.opened_at)


async def post_report(program: Program, incident: Incident, run: Run, report: Report) -> ParentMessage:
    """Post the report of a run, once; returns where it stands."""
    message = await _report_message(program, incident, run, report)
    return await reply(program, incident, _report_key(incident, run), message)


async def edit_report(program: Program, incident: Incident, run: Run, report: Report) -> None:
    """Let the report that was posted say what is known now."""
    at = await post_report(program, incident, run, report)
    message = await _report_message(program, incident, run, report)
    await program.thread.edit(_report_key(incident, run), message, incident=incident.id, at=at)


async def post_analysis(program: Program, incident: Incident, run: Run, report: Report) -> None:
    """Post the analysis of a run, once; of one that says what an earlier run said, only what is different."""
    told = [await _analysis(program, incident, one) for one in _before(incident, run)]
    earlier = [one for one in told if one]
    same = same_again(earlier, report.analysis) if report.analysis else None
    if same:
        message = program.renderer.render(
            "analysis_again", incident=incident, run=run.number, report=report, same=same
        )
    else:
        message = program.renderer.render("analysis", incident=incident, report=report)
    await reply(program, incident, f"{incident.id}:analysis:{run.number}", message)


async def reply(program: Program, incident: Incident, key: str, message: Message) -> ParentMessage:
    """Say it in the thread, once."""
    if incident.parent is None:
        raise PilotError(f"incident #{incident.id} has no parent message to reply to")
    return await program.thread.say(
        key, message, incident=incident.id, channel=incident.parent.channel, thread_ts=incident.parent.ts
    )


async def _report_message(program: Program, incident: Incident, run: Run, report: Report) -> Message:
    service = service_of(program, incident)
    before_it = _before(incident, run)
    if not before_it:
        return program.renderer.render("report", incident=incident, service=service, report=report)
    previous = before_it[-1]
    kept = await program.incidents.findings(incident.id, previous.number)
    before = report_of(program, incident, kept) if kept else None
    difference = changes(previous, run, before=before, after=report)
    return program.renderer.render(
        "rerun", incident=incident, service=service, report=report, changes=difference
    )


def _before(incident: Incident, run: Run) -> list[Run]:
    """The runs before this one that came to an end, oldest first."""
    return [one for one in incident.runs if one.state == "done" and one.number < run.number]


async def _analysis(program: Program, incident: Incident, run: Run) -> tuple[int, AnalysisView] | None:
    kept = await program.incidents.findings(incident.id, run.number)
    analysis = report_of(program, incident, kept).analysis if kept else None
    return (run.number, analysis) if analysis else None


def _report_key(incident: Incident, run: Run) -> str:
    return f"{incident.id}:report:{run.number}"
