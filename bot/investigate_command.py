"""`pilot investigate EVENT.json`: one payload, investigated on a terminal. No store, no Slack."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from bot.local_code_host import SHALLOW, is_shallow, local_name, served_locally
from investigator.analysis.evidence_ids import number
from investigator.analysis.providers import preload
from investigator.analysis.view import DISABLED
from investigator.catalog import catalog_of
from investigator.composition import analyst_of, outside_of
from investigator.deadline import Deadline
from investigator.errors import BadPayload, ConfigurationError
from investigator.evidence import gaps
from investigator.gathering import find_out
from investigator.github.cache_policy import is_full_sha
from investigator.investigation import concluded, hidden
from investigator.models.evidence import Suspect
from investigator.models.incident import Findings, Incident
from investigator.models.issue_state import IssueState
from investigator.models.message import Message
from investigator.models.report import Report
from investigator.models.sentry import SentryEvent, SentryIssue
from investigator.models.service import Service
from investigator.opening import new_incident, project_of
from investigator.plain_text import as_text
from investigator.rendering import Renderer
from investigator.report import build_report
from investigator.sentry.parse import parse_any, read_object
from investigator.settings import Settings


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked on the command line; `name` is the file's, for error messages."""

    payload: bytes
    name: str
    repo_path: Path | None = None
    repo: str | None = None
    base: str | None = None
    head: str | None = None
    no_ai: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    findings: Findings
    report: Report
    incident: Incident
    service: Service


async def ask(settings: Settings, question: Question) -> Answer:
    """Investigate.

    Raises:
        ConfigurationError: the payload cannot be understood, or settings or catalogue are wrong.
    """
    event, issue = _parsed(question)
    at = (event and event.occurred_at) or (issue and issue.last_seen) or datetime.now(UTC)
    service = catalog_of(settings).service_of(project_of(event, issue))
    async with (
        code_host(settings, service, question) as (reachable, service),
        aiohttp.ClientSession() as session,
    ):
        findings = await find_out(
            outside_of(reachable, session),
            service,
            event=event,
            issue=issue,
            issue_id=issue.id if issue else event.issue_id if event else None,
            at=at,
            deadline=Deadline.after(settings.pilot_evidence_budget_seconds),
            base=question.base,
            head=question.head,
        )
        _check(question, findings)
        if question.repo_path and await is_shallow(question.repo_path):
            code = findings.code.model_copy(update={"gaps": (*findings.code.gaps, SHALLOW)})
            findings = findings.model_copy(update={"code": code})
    findings = await _assessed(settings, hidden(findings, settings.pilot_redact), question)
    issue_id = (findings.issue and findings.issue.id) or (event and event.issue_id) or "0"
    incident = new_incident(
        "0",
        state=IssueState(issue_id=issue_id),
        service=service,
        event=findings.event,
        issue=findings.issue,
        at=at,
        opened_by="command line",
    )
    report = build_report(findings, service=service, opened_at=at)
    done = tuple(concluded(run, report, at) for run in incident.runs)
    incident = incident.model_copy(update={"runs": done})
    return Answer(findings, report, incident, service)


def service_asked_about(settings: Settings, question: Question) -> Service:
    """The service of the payload's project.

    Raises:
        ConfigurationError: the payload cannot be understood, or the catalogue is wrong.
    """
    event, issue = _parsed(question)
    return catalog_of(settings).service_of(project_of(event, issue))


def _parsed(question: Question) -> tuple[SentryEvent | None, SentryIssue | None]:
    try:
        body = read_object(question.payload)
    except BadPayload as error:
        what = f"{question.name}: {error}; give a file with the JSON of one Sentry event or issue"
        raise ConfigurationError(what) from None
    try:
        return parse_any(body)
    except BadPayload as error:
        raise ConfigurationError(f"{question.name}: {error}") from None


def _check(question: Question, findings: Findings) -> None:
    """A commit that is gone is something to report; a name that nothing has was misspelt.

    Raises:
        ConfigurationError: nothing has it, or the clone has no commits.
    """
    for option, name in (("--head", question.head), ("--base", question.base)):
        if name and not is_full_sha(name) and gaps.no_revision(name) in findings.code.gaps:
            where = question.repo_path or findings.code.repository
            raise ConfigurationError(
                f"{option} {name}: {where} has no such commit, tag or branch; name one it has"
            )
    if question.repo_path and gaps.EMPTY in findings.code.gaps:
        raise ConfigurationError(
            f"{question.repo_path}: it has no commits; give --repo-path a clone that has"
        )


async def _assessed(settings: Settings, findings: Findings, question: Question) -> Findings:
    if question.no_ai:
        return findings.model_copy(update={"assessment": DISABLED})
    preload(settings)
    return findings.model_copy(update={"assessment": await analyst_of(settings).assess(findings)})


@asynccontextmanager
async def code_host(
    settings: Settings, service: Service, question: Question
) -> AsyncIterator[tuple[Settings, Service]]:
    """Settings and service with the asked-for repository: GitHub's, or a local clone served as if it were."""
    if question.repo and not re.fullmatch(r"[\w.-]+/[\w.-]+", question.repo, re.ASCII):
        raise ConfigurationError(f"--repo {question.repo}: give owner and name, as in acme/checkout")
    if question.repo_path is None:
        if question.repo:
            service = service.model_copy(update={"repository": question.repo})
        yield settings, service
        return
    from sandbox.github import GitFailed

    name = question.repo or service.repository or local_name(question.repo_path.resolve().name)
    async with AsyncExitStack() as stack:
        try:
            reachable = await stack.enter_async_context(served_locally(settings, {name: question.repo_path}))
        except GitFailed as error:
            raise ConfigurationError(
                f"{question.repo_path}: not a git repository that git can read: {str(error).strip()}; "
                "give --repo-path a clone, bare or not"
            ) from None
        yield reachable, service.model_copy(update={"repository": name})


def printed(answer: Answer, *, as_json: bool, blocks: bool) -> str:
    if as_json:
        return json.dumps(document(answer), indent=2, default=str)
    messages = rendered(answer)
    if blocks:
        return json.dumps([{"text": m.text, "blocks": list(m.blocks)} for m in messages], indent=2)
    return "\n\n".join(as_text(message) for message in messages)


def rendered(answer: Answer) -> list[Message]:
    """The parent, the report and, if there is one, the analysis, as Slack would get them."""
    renderer = Renderer()
    context = {"incident": answer.incident, "service": answer.service, "report": answer.report}
    names = ["parent", "report", *(["analysis"] if answer.report.analysis else [])]
    return [renderer.render(name, **context) for name in names]


def document(answer: Answer) -> dict[str, Any]:
    """The JSON of the command-line contract (docs/architecture.md)."""
    findings, report = answer.findings, answer.report
    issue = findings.issue
    code = findings.code
    return {
        "issue": {
            "id": issue.id if issue else findings.event.issue_id if findings.event else None,
            "short_id": issue.short_id if issue else None,
            "title": answer.incident.title,
            "project": answer.incident.project,
            "level": answer.incident.level,
            "environment": report.environment,
            "release": report.release,
            "web_url": answer.incident.web_url,
        },
        "frames": [frame.model_dump(mode="json") for frame in code.frames],
        "suspects": [_suspect(suspect) for suspect in findings.ranking.suspects],
        "no_code_cause": findings.ranking.no_code_cause,
        "doubts": list(findings.ranking.doubts),
        "deploys": [deploy.model_dump(mode="json") for deploy in code.deploys],
        "owners": list(code.ownership.owners) if code.ownership else [],
        "analysis": _analysis(findings),
        "ai_status": report.ai_status,
        "ai_note": report.ai_note,
        "verdict": report.verdict.line,
        "gaps": [gap.model_dump(mode="json") for gap in report.gaps],
        "requests": {
            "github": code.requests,
            "sentry": findings.sentry_requests,
            "llm": len(findings.assessment.attempts) if findings.assessment else 0,
        },
        "timings": dict(findings.timings),
    }


def _analysis(findings: Findings) -> dict[str, Any] | None:
    """The analysis, and what the ids in it stand for."""
    if findings.assessment is None or findings.assessment.analysis is None:
        return None
    analysis = findings.assessment.analysis
    cited = {piece.id: piece for piece in number(findings)}
    evidence = {name: {"label": cited[name].label, "url": cited[name].url} for name in analysis.cited}
    return analysis.model_dump(mode="json") | {"evidence": evidence}


def _suspect(suspect: Suspect) -> dict[str, Any]:
    commit = suspect.commit
    return {
        "sha": commit.sha,
        "rank": suspect.rank,
        "score": suspect.score,
        "reasons": list(suspect.reasons),
        "title": commit.headline,
        "author": commit.author.model_dump(mode="json"),
        "pull_request": commit.pull_request.model_dump(mode="json") if commit.pull_request else None,
    }
