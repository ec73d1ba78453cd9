"""Gather, rank, find: from one event to findings, within one budget. No Slack, no store."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from investigator.deadline import Deadline
from investigator.evidence.github import gather_code
from investigator.evidence.links import with_own_links
from investigator.evidence.sentry import gather_sentry
from investigator.github.client import GitHub
from investigator.models.incident import Findings
from investigator.models.sentry import SentryEvent, SentryIssue
from investigator.models.service import Service
from investigator.sentry.client import SentryClient
from investigator.suspects import rank


@dataclass(frozen=True, slots=True)
class Outside:
    """Clients of what an investigation asks. None: no credentials, which the report says."""

    sentry: SentryClient | None
    github: GitHub | None


async def find_out(
    outside: Outside,
    service: Service,
    *,
    event: SentryEvent | None,
    issue: SentryIssue | None,
    issue_id: str | None,
    at: datetime,
    deadline: Deadline,
    onset: datetime | None = None,
    base: str | None = None,
    head: str | None = None,
    of_victim: bool = False,
) -> Findings:
    """Everything that can be known by the deadline; what cannot is a gap in the findings, never an error.

    `at` is when we were told. `onset` is when this episode began; None: when Sentry first saw the issue.
    `of_victim`: the event is another service's, so that it says nothing of the code of this one.
    """
    started = time.monotonic()
    sentry = await gather_sentry(
        outside.sentry, issue_id=issue_id, event=event, issue=issue, deadline=deadline
    )
    sentry_done = time.monotonic()
    began, own = onset or _first_seen(sentry.event, sentry.issue), None if of_victim else sentry.event
    code = await gather_code(
        outside.github,
        service,
        own,
        first_seen=began,
        at=at,
        sentry_deploys=sentry.deploys,
        base=base,
        head=head,
        deadline=deadline,
    )
    code_done = time.monotonic()
    ranking = rank(own, code, first_seen=began or at)
    return Findings(
        service=None if of_victim else service.name,
        code_of=service.name,
        event=sentry.event,
        issue=sentry.issue,
        code=with_own_links(code, sentry.event, sentry.issue),
        ranking=ranking,
        gaps=sentry.gaps,
        sentry_requests=sentry.requests,
        timings=(
            ("sentry", sentry_done - started),
            ("github", code_done - sentry_done),
            ("ranking", time.monotonic() - code_done),
        ),
    )


def _first_seen(event: SentryEvent | None, issue: SentryIssue | None) -> datetime | None:
    if issue and issue.first_seen:
        return issue.first_seen
    return event.occurred_at if event else None
