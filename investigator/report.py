"""The deterministic report: findings in, everything the templates show out. Pure, and complete without AI."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from investigator import deploy_timeline, stack_view
from investigator.analysis.view import ai_status, analysis_view, may_try_again
from investigator.anchor import Anchor
from investigator.facts import TYPE_LIMIT, facts
from investigator.models.evidence import CodeEvidence, Gap, Suspect
from investigator.models.incident import Findings, Incident
from investigator.models.report import CommitView, DeployView, Report, SuspectView
from investigator.models.sentry import SentryEvent, SentryIssue
from investigator.models.service import Service
from investigator.next_steps import next_steps
from investigator.slack_text import clean
from investigator.upstream import upstream_named
from investigator.verdict import band, decide, what_fails
from investigator.wording import clip, one_line

SUSPECTS_SHOWN = 3
WORTH_SHOWING = 0.02  # of a suspect that is not the first
CALLS_SHOWN = 3


def build_report(findings: Findings, *, service: Service, opened_at: datetime) -> Report:
    """What is to be said about an incident.

    Args:
        opened_at: when the incident was opened (UTC); ages are relative to it when Sentry gave no time.
    """
    event, issue = findings.event or SentryEvent(), findings.issue or SentryIssue(id="")
    code, known = findings.code, facts(event, issue, service)
    anchor = Anchor.of(event, issue, opened_at)
    frames = stack_view.views(event.frames, code.frames)
    top = stack_view.top(frames)
    where = top.place if top else None
    gaps = _once((*findings.gaps, *code.gaps))
    suspects = [_suspect(each, code, anchor, known.environment) for each in findings.ranking.suspects]
    upstream = upstream_named(event, service.depends_on)
    failing = what_fails(where, known.headline)
    verdict = decide(code, findings.ranking, suspects, gaps, failing=failing, upstream=upstream)
    shown = _worth_showing(suspects)
    named = suspects[0] if verdict.kind == "suspect" else None
    status, note = ai_status(findings.assessment)
    return Report(
        **dict(known),
        anchor=anchor.at,
        anchor_name=anchor.name,
        where=where,
        calls=tuple(frame.place for frame in frames if frame.in_app and frame is not top)[:CALLS_SHOWN],
        frames=frames,
        outline=stack_view.outline(frames),
        verdict=verdict,
        upstream=upstream,
        suspects=shown,
        more_suspects=len(suspects) - len(shown),
        deploys=tuple(deploy_timeline.view(d, anchor) for d in deploy_timeline.timeline(code.deploys)),
        ownership=code.ownership,
        commits=_commits(code, suspects, anchor),
        total_commits=max(code.total_commits, len(code.commits)),
        range_reason=one_line(clean(code.range_reason)),
        steps=next_steps(
            verdict,
            suspect=named,
            deploy_before=_deploy_before(named, code, anchor),
            where=where,
            upstream=upstream,
            owners=code.ownership.owners if code.ownership else (),
        ),
        gaps=gaps,
        analysis=analysis_view(findings, named.commit.sha if named else None),
        ai_status=status,
        ai_note=note,
        ai_retry=may_try_again(findings.assessment),
    )


def first_look(incident: Incident, service: Service) -> Report:
    """What can be said at once, from the alert alone."""
    findings = Findings(event=incident.event, issue=incident.issue)
    report = build_report(findings, service=service, opened_at=incident.opened_at)
    if incident.event or incident.issue or not incident.title:
        return report
    return report.model_copy(update={"error_type": clip(one_line(clean(incident.title)), TYPE_LIMIT)})


def _worth_showing(suspects: Sequence[SuspectView]) -> tuple[SuspectView, ...]:
    others = (each for each in suspects[1:SUSPECTS_SHOWN] if each.probability >= WORTH_SHOWING)
    return (*suspects[:1], *others)


def _once(gaps: Sequence[Gap]) -> tuple[Gap, ...]:
    return tuple(dict.fromkeys(gaps))


def _suspect(suspect: Suspect, code: CodeEvidence, anchor: Anchor, environment: str | None) -> SuspectView:
    commit = suspect.commit
    merged = commit.pull_request.merged_at if commit.pull_request else None
    carrier = deploy_timeline.carrier(commit, code.commits, code.deploys, environment)
    return SuspectView(
        commit=commit,
        probability=suspect.score,
        band=band(suspect.score),
        reasons=suspect.reasons,
        when=anchor.moment(merged or commit.committed_at or commit.authored_at),
        deploy=deploy_timeline.view(carrier, anchor) if carrier else None,
    )


def _commits(code: CodeEvidence, suspects: Sequence[SuspectView], anchor: Anchor) -> tuple[CommitView, ...]:
    suspected = {suspect.commit.sha for suspect in suspects}
    return tuple(
        CommitView(
            commit=commit,
            when=anchor.moment(commit.committed_at or commit.authored_at),
            suspected=commit.sha in suspected,
        )
        for commit in code.commits
    )


def _deploy_before(suspect: SuspectView | None, code: CodeEvidence, anchor: Anchor) -> DeployView | None:
    """Where to roll back to, so that the suspect is gone."""
    if suspect is None or suspect.deploy is None:
        return None
    older = deploy_timeline.before(suspect.deploy, code.deploys)
    return deploy_timeline.view(older, anchor) if older else None
