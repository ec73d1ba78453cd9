"""What became of a fix pull request: what is new, told once; pure, but for the asking in `following.py`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from investigator.github.pull_news import PullNews
from investigator.models.evidence import Deploy
from investigator.models.fix import FixPull

QUIET = timedelta(hours=24)
FOLLOWED = timedelta(days=30)

What = Literal[
    "checks_passed",
    "checks_failed",
    "approved",
    "merged",
    "closed",
    "reopened",
    "reverted",
    "deployed",
    "quiet",
]


def heard(pull: FixPull, news: PullNews) -> FixPull:
    """The pull request as GitHub tells of it now; what is not told any more stays known."""
    return pull.model_copy(
        update={
            "state": news.state,
            "checks": news.checks or pull.checks,
            "approved_by": news.approved_by or pull.approved_by,
            "merged_at": news.merged_at or pull.merged_at,
            "merge_sha": news.merge_sha or pull.merge_sha,
        }
    )


def after_deploy(pull: FixPull, deploys: tuple[Deploy, ...], environment: str) -> tuple[Deploy, ...]:
    """Deploys that may carry it, the oldest first: to the service's environment, after it was merged."""
    merged = pull.merged_at
    if merged is None or pull.deployed_at is not None:
        return ()
    later = [
        each
        for each in deploys
        if each.at and each.sha and each.at >= merged and each.environment in (None, environment)
    ]
    return tuple(sorted(later, key=lambda each: each.at or merged))


def fell_silent(pull: FixPull, last_seen: datetime | None, now: datetime) -> FixPull:
    """Whether it has been quiet for a day since it was deployed, or since the last error after that."""
    if pull.deployed_at is None or pull.quiet or pull.state != "merged":
        return pull
    last = max(filter(None, (pull.deployed_at, last_seen)))
    if now - last < QUIET:
        return pull
    return pull.model_copy(update={"quiet": True, "quiet_since": last})


def whats_new(before: FixPull, after: FixPull) -> tuple[What, ...]:
    """What to tell, in the order in which it happens."""
    new: list[What] = []
    if after.checks and after.checks != before.checks:
        new.append("checks_passed" if after.checks == "passed" else "checks_failed")
    if after.approved_by and not before.approved_by:
        new.append("approved")
    if after.state != before.state:
        told: dict[str, What] = {"closed": "closed", "open": "reopened", "reverted": "reverted"}
        if after.merged_at and not before.merged_at:
            new.append("merged")
        if after.state in told:
            new.append(told[after.state])
    if after.deployed_at and not before.deployed_at:
        new.append("deployed")
    if after.quiet and not before.quiet:
        new.append("quiet")
    return tuple(new)


def is_over(pull: FixPull, now: datetime) -> bool:
    """Nothing more is expected of it."""
    return pull.state == "reverted" or pull.quiet or now - pull.opened_at > FOLLOWED
