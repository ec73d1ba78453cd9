"""A confirmed proposal becomes a branch, a commit and a pull request: each once, whatever was cut off before.

What is there already is found by the name of the branch, by the last line of the commit's message and by the
last line of the pull request's text. So any step may be repeated, by the same job or by another click.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from investigator.errors import OutsideCallFailed
from investigator.github import pull_requests as hub
from investigator.github.pull_requests import PullSeen, Standing, Tip
from investigator.github.repository import Repository
from investigator.models.fix import FixRequest, NoProposal, Proposal

log = structlog.get_logger()

Propose = Callable[[str], Awaitable[Proposal]]


def branch_of(request: FixRequest) -> str:
    return f"pilot/{request.incident}-{request.slug}"


def marker_of(request: FixRequest) -> str:
    """Stands in the last line of what we write, and tells it from what others write."""
    return f"incident-pilot: {request.incident}/{request.slug}"


async def publish(
    repository: Repository,
    request: FixRequest,
    propose: Propose,
    message: Callable[[Proposal], str],
) -> PullSeen:
    """The pull request of a proposal, made as far as it is not there yet.

    Args:
        propose: makes the proposal at a full SHA, or raises NoProposal.
        message: of the commit.

    Raises:
        NoProposal: it does not apply any more, is not what was confirmed, or the branch is somebody else's.
        OutsideCallFailed: as GitHub; calling again carries on where it stopped.
    """
    branch = branch_of(request)
    at = await hub.standing(repository, branch)
    if found := _ours(at, request):
        return found
    proposal = await _confirmed(propose, at.base_tip.oid, request)
    tip = at.branch or at.base_tip
    if at.branch is None:
        await hub.create_branch(repository, at.repository_id, branch, tip.oid)
    if not _is_ours(tip, request):
        if tip.oid != at.base_tip.oid:  # made before the base moved on
            await _refuse_others_commits(repository, branch, at, tip)
            proposal = await _confirmed(propose, tip.oid, request)
        words = f"{message(proposal).rstrip()}\n\n{marker_of(request)}"
        await hub.commit(repository, branch, tip, words, proposal.changes)
    body = f"{request.body.rstrip()}\n\n<!-- {marker_of(request)} -->"
    return await hub.open_pull(repository, at, branch, request.title, body, draft=request.draft)


async def finish(
    repository: Repository, pull: PullSeen, labels: tuple[str, ...], reviewers: tuple[str, ...]
) -> tuple[str, ...]:
    """Labels and reviewers; returns what of it did not work, in GitHub's words."""
    missing = []
    for what, names, ask in (
        ("labels", labels, hub.add_labels),
        ("reviewers", reviewers, hub.ask_reviewers),
    ):
        try:
            if names:
                await ask(repository, pull.number, names)
        except OutsideCallFailed as failure:
            log.warning("pull_request_not_finished", number=pull.number, what=what, error=str(failure))
            missing.append(f"{what}: {failure}")
    return tuple(missing)


def _ours(at: Standing, request: FixRequest) -> PullSeen | None:
    return next((pull for pull in at.pulls if marker_of(request) in pull.body), None)


def _is_ours(tip: Tip, request: FixRequest) -> bool:
    return tip.message.rstrip().endswith(marker_of(request))


async def _confirmed(propose: Propose, sha: str, request: FixRequest) -> Proposal:
    proposal = await propose(sha)
    if proposal.digest != request.digest:
        raise NoProposal(
            "the branch it goes to changed since you looked, and with it the proposal: open the dialog again"
        )
    return proposal


async def _refuse_others_commits(repository: Repository, branch: str, at: Standing, tip: Tip) -> None:
    if (await repository.compare(at.base_tip.oid, tip.oid)).total_commits:
        raise NoProposal(
            f"the branch {branch} has commits that are not ours: delete it, or take it from there by hand"
        )
