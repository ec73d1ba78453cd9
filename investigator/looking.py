"""One incident's findings: whose code is looked at, and whose when that says nothing."""

from __future__ import annotations

from investigator.composition import Program
from investigator.deadline import Deadline
from investigator.evidence.gaps import no_code
from investigator.evidence.sentry import gather_sentry
from investigator.gathering import find_out
from investigator.models.incident import Findings, Incident
from investigator.targeting import Target, targets_of

ENOUGH_SECONDS = 5.0  # of the budget, to look at the runner-up as well


async def look(program: Program, incident: Incident) -> Findings:
    """Look at the likeliest root; at the runner-up too where the first has no suspect and time is left."""
    deadline = Deadline.after(program.settings.pilot_evidence_budget_seconds)
    targets = targets_of(incident, program.catalog)
    if not targets:
        return await _without_code(program, incident, deadline)
    found = await _look_at(program, incident, targets[0], deadline)
    if found.ranking.suspects or len(targets) == 1 or deadline.left() < ENOUGH_SECONDS:
        return found
    other = await _look_at(program, incident, targets[1], deadline)
    return other if other.ranking.suspects else found


async def _look_at(program: Program, incident: Incident, target: Target, deadline: Deadline) -> Findings:
    member = target.member
    if not incident.is_cascade:
        onset, told = incident.opened_at if incident.episode > 1 else None, None
    else:
        onset = member.since if member else min(other.since for other in incident.members)
        told = await program.incidents.alert(member.key) if member else None
    event, issue = (told.event, told.issue) if told else (incident.event, incident.issue)
    own = incident.issue_ids[0] if incident.issue_ids else None
    return await find_out(
        program.outside,
        target.service,
        event=event,
        issue=issue,
        issue_id=member.issue_id if member else own,
        at=incident.opened_at,
        onset=onset,
        deadline=deadline,
        of_victim=incident.is_cascade and member is None,
    )


async def _without_code(program: Program, incident: Incident, deadline: Deadline) -> Findings:
    """What Sentry says of the first alert; no repository explains what failed."""
    sentry = await gather_sentry(
        program.outside.sentry,
        issue_id=incident.issue_ids[0] if incident.issue_ids else None,
        event=incident.event,
        issue=incident.issue,
        deadline=deadline,
    )
    root = incident.root.first if incident.root else None
    gaps = (*sentry.gaps, no_code(root.node)) if root else sentry.gaps
    return Findings(event=sentry.event, issue=sentry.issue, gaps=gaps, sentry_requests=sentry.requests)
