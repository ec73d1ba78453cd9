"""The job behind a confirmed dialog: open the pull request, once, and tell everybody who follows."""

from __future__ import annotations

from datetime import UTC, datetime

import structlog

from investigator import audit, keys
from investigator.composition import Program
from investigator.deadline import Deadline
from investigator.errors import OutsideCallFailed, PilotError
from investigator.fixes import quality, words
from investigator.fixes.preparing import ACTION
from investigator.fixes.proposing import propose
from investigator.fixes.publishing import branch_of, finish, publish
from investigator.fixes.stored import Case, stored_case
from investigator.github.pull_requests import PullSeen
from investigator.github.repository import Repository
from investigator.investigation import latest_report, show_verdict
from investigator.models.fix import FixPull, FixRequest, NoProposal, Proposal
from investigator.models.incident import Incident
from investigator.models.service import Service
from investigator.permissions import NotAllowed, require
from investigator.run_messages import code_owner, reply

log = structlog.get_logger()

OPEN_SECONDS = 60.0
LATER = frozenset({"timeout", "unreachable", "server_error", "rate_limited", "cut", "bad_answer"})


async def open_fix(program: Program, request: FixRequest, *, last_try: bool) -> None:
    """Open what a person confirmed, and say so; what keeps it from being opened is said as well.

    Raises:
        OutsideCallFailed: GitHub or Slack cannot be reached now; the job is to be tried again.
    """
    incident = await program.incidents.get(request.incident)
    if not any(pull.slug == request.slug for pull in incident.fixes):
        try:
            case = await stored_case(program.incidents, request.incident)
            await _open(program, request, case)
        except OutsideCallFailed as failure:
            if failure.kind in LATER and not last_try:
                await _tell(program, incident, request, "fix_delayed", str(failure))
                raise
            await _give_up(program, incident, request, failure)
            return
        except (NotAllowed, NoProposal) as problem:
            await _give_up(program, incident, request, problem)
            return
    await announce(program, request.incident, request.slug)


async def announce(program: Program, incident_id: str, slug: str) -> None:
    """Thread and parent show the pull request."""
    incident = await program.incidents.get(incident_id)
    pull = next(pull for pull in incident.fixes if pull.slug == slug)
    message = program.renderer.render("fix_opened", incident=incident, pull=pull)
    await reply(program, incident, f"{incident.id}:fix-opened:{slug}", message)
    await show_verdict(program, incident, await latest_report(program, incident))


async def _open(program: Program, request: FixRequest, case: Case) -> None:
    service = code_owner(program, case.incident, case.findings)
    await require(program, request.by, service, ACTION)
    github, name = program.outside.github, case.findings.code.repository
    if github is None or name is None or not github.may_write(name):
        raise NoProposal("there is no credential that may write there (docs/fixes.md)")
    repository = github.repository(name, Deadline.after(OPEN_SECONDS), purpose="write")

    async def made(sha: str) -> Proposal:
        return await _proposal(repository, case, service, sha, request.slug)

    pull = await publish(
        repository, request, made, lambda proposal: words.commit_message(proposal, case.incident)
    )
    missing = await finish(repository, pull, service.pull_requests.labels, request.reviewers)
    await _record(program, request, name, pull, missing)


async def _proposal(repository: Repository, case: Case, service: Service, sha: str, slug: str) -> Proposal:
    made = await propose(repository, case.findings, case.fix, head=sha, rules=service.pull_requests)
    for proposal in made.offered:
        if proposal.slug == slug:
            return proposal
    raise NoProposal(f"it does not apply any more: {'; '.join(made.refused) or 'another run replaced it'}")


async def _record(
    program: Program, request: FixRequest, repository: str, pull: PullSeen, missing: tuple[str, ...]
) -> None:
    at = datetime.now(UTC)
    opened = FixPull(
        slug=request.slug,
        kind="revert" if request.slug.startswith("revert-") else "patch",
        repository=repository,
        number=pull.number,
        url=pull.url,
        branch=branch_of(request),
        by=request.by,
        opened_at=at,
        missing=missing,
    )
    detail = f"{repository}#{pull.number} on {opened.branch}"
    await audit.record(
        program.store, who=request.by, what=ACTION, incident=request.incident, result="done", detail=detail
    )
    await quality.note(program.store, "fix_opened", request.incident, opened, at)
    await program.store.sadd(keys.FIXES_FOLLOWED, request.incident)
    await program.incidents.update(
        request.incident,
        lambda current: current.model_copy(update={"fixes": (*current.fixes, opened)}),
    )
    log.info("fix_opened", incident=request.incident, repository=repository, number=pull.number)


async def _give_up(program: Program, incident: Incident, request: FixRequest, problem: PilotError) -> None:
    failed = isinstance(problem, OutsideCallFailed)
    await audit.record(
        program.store,
        who=request.by,
        what=ACTION,
        incident=incident.id,
        result="failed" if failed else "refused",
        detail=str(problem),
    )
    await _tell(program, incident, request, "fix_not_opened", str(problem))


async def _tell(program: Program, incident: Incident, request: FixRequest, template: str, why: str) -> None:
    message = program.renderer.render(template, incident=incident, by=request.by, why=why)
    await reply(program, incident, f"{incident.id}:{template}:{request.slug}:{request.id}", message)
