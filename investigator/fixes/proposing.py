"""What may be proposed for an incident: the revert of its suspect, a model's patch, or why neither."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from investigator.fixes.patching import propose_patch
from investigator.fixes.reverting import propose_revert
from investigator.github.repository import Repository
from investigator.models.base import Value
from investigator.models.evidence import Suspect
from investigator.models.fix import NoProposal, Proposal
from investigator.models.incident import Findings
from investigator.models.service import PullRequestRules
from investigator.models.suggestion import SuggestedFix
from investigator.slack_text import clean
from investigator.wording import one_line, percent

SURE_ENOUGH = 0.25  # of a suspect, to undo it on a person's word


class Proposals(Value):
    """`offered`, the best first, and why there are no others."""

    offered: tuple[Proposal, ...]
    refused: tuple[str, ...]

    @property
    def best(self) -> Proposal:
        """Raises NoProposal when there is none."""
        if not self.offered:
            raise NoProposal(one_line(clean("; ".join(self.refused))))  # paths and headlines are foreign
        return self.offered[0]


async def propose(
    repository: Repository,
    findings: Findings,
    fix: SuggestedFix | None,
    *,
    head: str,
    rules: PullRequestRules,
) -> Proposals:
    """All that is safe to offer at `head` (a full SHA).

    Raises:
        OutsideCallFailed: as the repository.
    """

    attempts: list[Callable[[], Awaitable[Proposal]]] = [
        lambda: _revert(repository, findings, head, rules),
    ]
    if fix is not None:
        attempts.append(lambda: propose_patch(repository, fix, head=head, rules=rules))
    offered: list[Proposal] = []
    refused: list[str] = []
    for attempt in attempts:
        try:
            offered.append(await attempt())
        except NoProposal as problem:
            refused.append(str(problem))
    return Proposals(offered=tuple(offered), refused=tuple(refused))


def suspect_to_undo(findings: Findings) -> Suspect:
    """The commit whose revert is worth proposing. Pure.

    Raises:
        NoProposal: no commit is, or none surely enough.
    """
    ranking = findings.ranking
    if not findings.code.repository or not findings.code.head_sha:
        gap = next((gap for gap in findings.code.gaps if gap.source != "sentry"), None)
        raise NoProposal(f"commits were not looked at{f': {gap.why}; {gap.remedy}' if gap else ''}")
    if not ranking.suspects or ranking.no_code_cause:
        raise NoProposal("no commit in this window explains it, so there is nothing to revert")
    first = ranking.suspects[0]
    if first.score < SURE_ENOUGH:
        sure = percent(first.score)
        raise NoProposal(f"the first suspect, {first.commit.sha[:7]}, is too uncertain to be undone ({sure})")
    return first


async def _revert(repository: Repository, findings: Findings, head: str, rules: PullRequestRules) -> Proposal:
    suspect = suspect_to_undo(findings)
    proposal = await propose_revert(repository, suspect.commit.sha, head=head, rules=rules)
    pull = suspect.commit.pull_request
    return proposal.model_copy(
        update={
            "reasons": suspect.reasons,
            "probability": suspect.score,
            "pull_request": pull.number if pull else None,
        }
    )
