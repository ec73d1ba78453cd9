"""What Sentry can add to the webhook: the issue as it is now, a whole event, the release's story."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from investigator.deadline import Deadline
from investigator.errors import OutsideCallFailed
from investigator.evidence.sentry_gaps import gaps_from, token_gap
from investigator.models.base import Value
from investigator.models.evidence import Deploy, Gap
from investigator.models.sentry import SentryEvent, SentryIssue
from investigator.sentry.client import SentryClient

T = TypeVar("T")
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class SentryEvidence(Value):
    """`deploys` are newest first and include the release itself; `release_commits` are SHAs."""

    event: SentryEvent | None = None
    issue: SentryIssue | None = None
    deploys: tuple[Deploy, ...] = ()
    release_commits: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    requests: int = 0


async def gather_sentry(
    client: SentryClient | None,
    *,
    issue_id: str | None,
    event: SentryEvent | None,
    issue: SentryIssue | None,
    deadline: Deadline,
) -> SentryEvidence:
    """Ask for what is missing, all at once, until the deadline.

    The issue is always read again, because what a webhook says of it can be minutes old; an event only when
    the given one has no frames. A request that fails becomes a gap, and what was given is kept.
    """
    issue_id = issue_id or (event.issue_id if event else None) or (issue.id if issue else None)
    if client is None:
        gap = token_gap(event, issue, issue_id)
        return SentryEvidence(event=event, issue=issue, gaps=(gap,) if gap else ())
    before = client.requests
    reading = _Reading(client, deadline)
    current, (occurrence, story) = await asyncio.gather(
        reading.issue(issue_id), reading.occurrence(event, issue_id)
    )
    return SentryEvidence(
        event=occurrence,
        issue=current or issue,
        deploys=story.deploys,
        release_commits=story.commits,
        gaps=gaps_from(reading.failures),
        requests=client.requests - before,
    )


@dataclass(frozen=True, slots=True)
class _Story:
    deploys: tuple[Deploy, ...] = ()
    commits: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reading:
    """Requests of one investigation and what became of those that failed."""

    client: SentryClient
    deadline: Deadline
    failures: list[tuple[str, OutsideCallFailed]] = field(default_factory=list)

    async def issue(self, issue_id: str | None) -> SentryIssue | None:
        if issue_id is None:
            return None
        return await self._try("the issue as it is now", self.client.issue(issue_id, deadline=self.deadline))

    async def occurrence(
        self, event: SentryEvent | None, issue_id: str | None
    ) -> tuple[SentryEvent | None, _Story]:
        """The event with a stack if there is one, and the story of its release."""
        known = event.release if event else None
        latest, story = await asyncio.gather(self._latest(event, issue_id), self._story(known))
        best = latest if latest and (latest.frames or event is None) else event
        if known is None and latest and latest.release:
            story = await self._story(latest.release)
        return best, story

    async def _latest(self, event: SentryEvent | None, issue_id: str | None) -> SentryEvent | None:
        if issue_id is None or (event and event.frames):
            return None
        return await self._try("the latest event", self.client.event(issue_id, deadline=self.deadline))

    async def _story(self, release: str | None) -> _Story:
        if release is None:
            return _Story()
        found, deploys, commits = await asyncio.gather(
            self._try(f"release {release}", self.client.release(release, deadline=self.deadline)),
            self._try("its deploys", self.client.deploys(release, deadline=self.deadline)),
            self._try("its commits", self.client.release_commits(release, deadline=self.deadline)),
        )
        changes = (*(deploys or ()), *((found.deploy,) if found else ()))
        newest_first = sorted(changes, key=lambda change: change.at or _LONG_AGO, reverse=True)
        return _Story(tuple(newest_first), commits or ())

    async def _try(self, what: str, request: Awaitable[T]) -> T | None:
        try:
            return await request
        except OutsideCallFailed as failure:
            self.failures.append((what, failure))
            return None
