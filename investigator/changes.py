"""What is different between two investigations of one incident. Pure."""

from __future__ import annotations

from typing import Literal

from investigator.models.base import Value
from investigator.models.incident import Run
from investigator.models.report import DeployView, Report, SuspectView

SuspectChange = Literal["same", "new", "found", "lost", "none"]
_NOTICEABLE = 0.05  # a confidence that moved by less is the same confidence


class Changes(Value):
    """`suspect_before` is a SHA. `deploys` and `new_commits` are those the earlier run did not know."""

    before: int
    now: int
    requested_by: str | None = None
    verdict: str
    suspect_change: SuspectChange
    suspect: SuspectView | None = None
    suspect_before: str | None = None
    probability: float | None = None
    probability_before: float | None = None
    deploys: tuple[DeployView, ...] = ()
    new_commits: int = 0
    new_events: int = 0
    gaps_closed: tuple[str, ...] = ()
    gaps_opened: tuple[str, ...] = ()

    @property
    def confidence_moved(self) -> bool:
        """For the same suspect; of another one it says nothing."""
        if self.suspect_change != "same" or self.probability is None or self.probability_before is None:
            return False
        return abs(self.probability - self.probability_before) >= _NOTICEABLE

    @property
    def nothing(self) -> bool:
        """True when a person learns nothing new; more events of the same error are no news."""
        return not (
            self.suspect_change in {"new", "found", "lost"}
            or self.confidence_moved
            or self.deploys
            or self.new_commits
            or self.gaps_closed
            or self.gaps_opened
        )


def changes(previous: Run, current: Run, *, before: Report | None, after: Report) -> Changes:
    """Compare two runs.

    Args:
        before: the report of `previous`, None when it was not kept; then only the suspects are compared.
    """
    suspect = after.suspect
    earlier = before.suspect if before else None
    return Changes(
        before=previous.number,
        now=current.number,
        requested_by=current.requested_by,
        verdict=after.verdict.line,
        suspect_change=_suspect_change(previous.suspect, suspect.commit.sha if suspect else None),
        suspect=suspect,
        suspect_before=previous.suspect,
        probability=suspect.probability if suspect else None,
        probability_before=earlier.probability if earlier else None,
        deploys=_new_deploys(before, after),
        new_commits=_new_commits(before, after),
        new_events=max(0, (after.events or 0) - (before.events or 0)) if before else 0,
        gaps_closed=_only_in(before, after),
        gaps_opened=_only_in(after, before) if before else (),
    )


def _suspect_change(before: str | None, now: str | None) -> SuspectChange:
    if before == now:
        return "same" if now else "none"
    if before is None:
        return "found"
    return "new" if now else "lost"


def _new_deploys(before: Report | None, after: Report) -> tuple[DeployView, ...]:
    if before is None:
        return ()
    known = {(deploy.sha or deploy.name, deploy.environment) for deploy in before.deploys}
    return tuple(d for d in after.deploys if (d.sha or d.name, d.environment) not in known)


def _new_commits(before: Report | None, after: Report) -> int:
    if before is None:
        return 0
    known = {view.commit.sha for view in before.commits}
    return sum(view.commit.sha not in known for view in after.commits)


def _only_in(one: Report | None, other: Report | None) -> tuple[str, ...]:
    """What was missing for `one` and is not for `other`."""
    missing = {gap.what for gap in other.gaps} if other else set()
    return tuple(dict.fromkeys(gap.what for gap in one.gaps if gap.what not in missing)) if one else ()
