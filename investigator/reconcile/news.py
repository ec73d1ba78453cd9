"""Does Sentry's view of an issue differ from our records, and how would a webhook have said so? Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import orjson

from investigator.models.base import Value
from investigator.models.issue_state import IssueState
from investigator.models.sentry import SentryIssue

Action = Literal["created", "unresolved", "resolved", "ignored"]
Settled = Literal["resolved", "ignored"]

_REOPENING = {"regressed", "escalating"}


class News(Value):
    """An issue, and the action of the webhook that would have told us about it."""

    issue: SentryIssue
    action: Action

    @property
    def happened_at(self) -> datetime | None:
        """The nearest that Sentry's list of issues comes to telling it."""
        return self.issue.first_seen if self.action == "created" else self.issue.last_seen

    @property
    def settles(self) -> bool:
        return self.action in {"resolved", "ignored"}

    @property
    def project(self) -> str | None:
        return self.issue.project or self.issue.project_id


def news_of(
    issue: SentryIssue, state: IssueState | None, *, since: datetime, known_by: datetime
) -> News | None:
    """What we missed about `issue`, if anything.

    `since` is the window's start. What we were told after `known_by` may be newer than Sentry's answer, so
    nothing is concluded from the difference. An issue we never heard of is news only when it is new: one
    that has been there for long, or was archived before we were installed, is not.
    """
    if state is None or state.status == "unseen":
        return News(issue=issue, action="created") if _is_new(issue, since) else None
    if state.status == "open":
        settled: dict[str | None, Settled] = {"resolved": "resolved", "ignored": "ignored"}
        action = settled.get(issue.status)
        return News(issue=issue, action=action) if action else None
    if any(settlement.told_at > known_by for settlement in state.settlements):
        return None
    return News(issue=issue, action="unresolved") if _is_reopened(issue) else None


def is_stranger(issue: SentryIssue, state: IssueState | None, since: datetime) -> bool:
    """Whether it is unknown to us, not new, and open again: since when, only its history tells."""
    is_unknown = state is None or state.status == "unseen"
    return is_unknown and _is_reopened(issue) and not _is_new(issue, since)


def _is_new(issue: SentryIssue, since: datetime) -> bool:
    return issue.status == "unresolved" and issue.first_seen is not None and issue.first_seen >= since


def _is_reopened(issue: SentryIssue) -> bool:
    return issue.status == "unresolved" and issue.substatus in _REOPENING


def body_of(news: News) -> bytes:
    """The body of an `issue` webhook.

    The same news has the same bytes in every sweep, so counters, assignees and whatever else changes by
    itself are left out: the bytes are what a second copy is recognised by.
    """
    issue = news.issue
    described = {
        "id": issue.id,
        "shortId": issue.short_id,
        "title": issue.title,
        "culprit": issue.culprit,
        "level": issue.level,
        "platform": issue.platform,
        "status": issue.status,
        "substatus": issue.substatus,
        "metadata": {"type": issue.error_type, "value": issue.error_value},
        "project": {"id": issue.project_id, "slug": issue.project},
        "firstSeen": issue.first_seen,
        "lastSeen": issue.last_seen,
        "web_url": issue.web_url,
    }
    return orjson.dumps({"action": news.action, "data": {"issue": described}})
