"""The dialog behind *Open fix PR*: opened empty at once, filled here with what would be opened."""

from __future__ import annotations

import structlog

from investigator import audit
from investigator.composition import Program
from investigator.deadline import Deadline
from investigator.errors import PilotError
from investigator.fixes import words
from investigator.fixes.proposing import Proposals, propose
from investigator.fixes.stored import Case, stored_case
from investigator.models.fix import NoProposal, Proposal
from investigator.models.permission import Action
from investigator.models.service import Service
from investigator.permissions import NotAllowed, require
from investigator.run_messages import code_owner, report_of
from investigator.slack import SlackRefused

log = structlog.get_logger()

ACTION: Action = "open_pull_request"
PREPARE_SECONDS = 40.0


async def prepare(program: Program, incident_id: str, user: str, view_id: str, slug: str) -> None:
    """Show in a person's dialog the proposal called `slug` (the best one when it is empty), or why not.

    Raises:
        OutsideCallFailed: Slack cannot be reached.
    """
    try:
        case = await stored_case(program.incidents, incident_id)
        service = code_owner(program, case.incident, case.findings)
        await require(program, user, service, ACTION)
        made = await proposals(program, case, service)
        view = _view(program, case, service, made, slug)
    except PilotError as problem:
        if isinstance(problem, NotAllowed):
            await audit.record(
                program.store,
                who=user,
                what=ACTION,
                incident=incident_id,
                result="refused",
                detail=str(problem),
            )
        view = program.renderer.view("fix_refused", incident=incident_id, why=str(problem), diff=None)
    try:
        await program.slack.call("views.update", view_id=view_id, view=view)
    except SlackRefused as refusal:
        if refusal.code != "not_found":
            raise
        log.info("dialog_was_closed", incident=incident_id)


async def proposals(program: Program, case: Case, service: Service) -> Proposals:
    """What may be offered at the newest commit of the default branch.

    Raises:
        NoProposal: GitHub was not looked at.
        OutsideCallFailed: it cannot be asked.
    """
    github, name = program.outside.github, case.findings.code.repository
    if github is None or name is None:
        raise NoProposal("commits were not looked at: set GITHUB_TOKEN or GITHUB_APPS")
    repository = github.repository(name, Deadline.after(PREPARE_SECONDS))
    revision = await repository.revision("HEAD")
    if revision is None:
        raise NoProposal(f"{name} has no default branch")
    return await propose(repository, case.findings, case.fix, head=revision.sha, rules=service.pull_requests)


def _view(program: Program, case: Case, service: Service, made: Proposals, slug: str) -> dict[str, object]:
    chosen = next((each for each in made.offered if each.slug == slug), made.best)
    github, incident = program.outside.github, case.incident
    if github is None or not github.may_write(chosen.repository):
        why = (
            f"there is no credential that may write to {chosen.repository}: add an App with `role: writer` "
            "to GITHUB_APPS (docs/fixes.md)"
        )
        return program.renderer.view("fix_refused", incident=incident.id, why=why, diff=chosen.diff)
    report = report_of(program, incident, case.findings)
    ownership = case.findings.code.ownership
    return program.renderer.view(
        "fix",
        incident=incident,
        proposal=chosen,
        other=next((each for each in made.offered if each.slug != chosen.slug), None),
        opened=next((pull for pull in incident.fixes if pull.slug == chosen.slug), None),
        pull_title=words.title(chosen),
        pull_body=words.body(chosen, incident, report),
        reviewers=ownership.owners if ownership else (),
        shown=_shown(chosen),
        refused=made.refused,
        service=service,
    )


def _shown(proposal: Proposal) -> str:
    """The diff as a person reads it: bytes that are no text are shown as such."""
    return proposal.diff.encode(errors="surrogateescape").decode(errors="replace")
