"""What was deployed when, and which deploy first carried a commit. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from investigator.anchor import Anchor
from investigator.models.evidence import Commit, Deploy
from investigator.models.report import DeployView

_GOOD = frozenset({None, "success", "active", "inactive"})  # GitHub calls a replaced deployment inactive
_RELEASES = frozenset({"github_release", "sentry_release"})


def timeline(deploys: Sequence[Deploy]) -> tuple[Deploy, ...]:
    """Newest first, each told once: a release whose commit was also deployed is left to the deploy.

    Those without a time come last.
    """
    deployed = {deploy.sha for deploy in deploys if deploy.sha and deploy.source not in _RELEASES}
    kept: dict[tuple[object, ...], Deploy] = {}
    for deploy in deploys:
        if deploy.source in _RELEASES and deploy.sha in deployed:
            continue
        kept.setdefault((deploy.sha or deploy.name, deploy.environment, deploy.at), deploy)
    return tuple(sorted(kept.values(), key=_age_order, reverse=True))


def _age_order(deploy: Deploy) -> tuple[bool, float]:
    return (deploy.at is not None, deploy.at.timestamp() if deploy.at else 0.0)


def carrier(
    commit: Commit, commits: Sequence[Commit], deploys: Sequence[Deploy], environment: str | None
) -> Deploy | None:
    """The earliest deploy that contained `commit`, or None when none is known to.

    A release counts only where no deploy is known: it may have waited before it was deployed.

    Args:
        commits: the range under suspicion, newest first; a deploy of one of them carries all older ones.
        deploys: of any environment; those of another environment than `environment` are left out.
    """
    position = {each.sha: index for index, each in enumerate(commits)}
    mine = position.get(commit.sha)
    carrying = [
        deploy
        for deploy in deploys
        if deploy.sha is not None
        and deploy.at is not None
        and (deploy.environment is None or environment is None or deploy.environment == environment)
        and _carries(deploy.sha, commit.sha, mine, position)
    ]
    deployed = [deploy for deploy in carrying if deploy.source not in _RELEASES]
    return min(deployed or carrying, key=_age_order, default=None)


def _carries(deployed: str, sha: str, mine: int | None, position: dict[str, int]) -> bool:
    if deployed == sha:
        return True
    theirs = position.get(deployed)
    return mine is not None and theirs is not None and theirs <= mine


def before(carrier: DeployView, deploys: Sequence[Deploy]) -> Deploy | None:
    """The deploy to go back to: the newest good one of the same environment, older and of other code."""
    older = [
        deploy
        for deploy in deploys
        if deploy.at is not None
        and carrier.when is not None
        and deploy.at < carrier.when.at
        and deploy.environment == carrier.environment
        and (deploy.sha is None or deploy.sha != carrier.sha)
        and deploy.state in _GOOD
    ]
    return max(older, key=_age_order, default=None)


def view(deploy: Deploy, anchor: Anchor) -> DeployView:
    return DeployView(
        name=deploy.name,
        when=anchor.moment(deploy.at),
        sha=deploy.sha,
        environment=deploy.environment,
        state=deploy.state,
        by=deploy.by,
        url=deploy.url,
    )
