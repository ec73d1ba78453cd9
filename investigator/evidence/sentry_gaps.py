"""What could not be had from Sentry, in words, with what a person can do about it."""

from __future__ import annotations

from collections.abc import Sequence

from investigator.errors import OutsideCallFailed
from investigator.models.evidence import Gap
from investigator.models.sentry import SentryEvent, SentryIssue

_RERUN = "rerun the investigation"
_REMEDIES = {
    "unauthorized": "copy a valid token of the internal integration into SENTRY_AUTH_TOKEN",
    "forbidden": "give the internal integration the scopes event:read and project:releases",
    "not_found": "check SENTRY_ORG, and whether it was merged or deleted in Sentry",
    "rate_limited": "wait until Sentry's rate limit is over, then " + _RERUN,
    "timeout": f"look at Sentry's status page or SENTRY_URL, then {_RERUN}",
    "unreachable": f"check SENTRY_URL and the network between here and Sentry, then {_RERUN}",
    "server_error": f"look at Sentry's status page, then {_RERUN}",
    "bad_answer": "check that SENTRY_URL is Sentry itself, not a login page or a proxy in front of it",
    "cut": f"{_RERUN}, or raise PILOT_EVIDENCE_BUDGET_SECONDS",
    "rejected": "open it in Sentry; this program sent a request that Sentry does not accept",
}


def gaps_from(failures: Sequence[tuple[str, OutsideCallFailed]]) -> tuple[Gap, ...]:
    """One gap for each kind of failure, naming all that failed in that way."""
    kinds = dict.fromkeys(failure.kind for _, failure in failures)
    return tuple(_gap([pair for pair in failures if pair[1].kind == kind]) for kind in kinds)


def token_gap(event: SentryEvent | None, issue: SentryIssue | None, issue_id: str | None) -> Gap | None:
    """The gap of having no token, when a token would have brought something."""
    missing = []
    if issue_id and not (event and event.frames):
        missing.append("an event with its stack")
    if issue_id and issue is None:
        missing.append("the issue's state and counts")
    if event and event.release:
        missing.append(f"deploys and commits of release {event.release}")
    if not missing:
        return None
    return Gap(
        source="sentry",
        what=", ".join(missing),
        why="no Sentry token: only what the webhook brought is known",
        remedy="set SENTRY_AUTH_TOKEN and SENTRY_ORG (token of the internal integration, scope event:read)",
    )


def _gap(failures: Sequence[tuple[str, OutsideCallFailed]]) -> Gap:
    first = failures[0][1]
    wait = f" (in {first.retry_after:.0f} s)" if first.retry_after else ""
    return Gap(
        source="sentry",
        what=", ".join(what for what, _ in failures),
        why=str(first),
        remedy=_REMEDIES[first.kind] + wait,
    )
