"""The group of events that Sentry calls an issue: the same serializer in webhooks and in the API."""

from __future__ import annotations

from collections.abc import Mapping

from investigator.errors import BadPayload
from investigator.models.sentry import SentryIssue
from investigator.sentry import limits
from investigator.sentry.coerce import (
    Object,
    identifier,
    line,
    link,
    mapping,
    moment,
    pick,
    text,
    walk,
    whole,
)
from investigator.sentry.links import whereabouts


def parse_issue(data: Object) -> SentryIssue:
    """Read an issue.

    Raises:
        BadPayload: it has no id, neither as a field nor in one of its addresses.
    """
    issue = issue_or_none(data)
    if issue is None:
        raise BadPayload("this is not a Sentry issue: `id` is missing or is not a plain id")
    return issue


def issue_or_none(data: Object) -> SentryIssue | None:
    found = whereabouts(*(data.get(name) for name in ("url", "web_url", "permalink", "project_url")))
    issue_id = identifier(pick(data, "id", "groupID", "issue_id")) or found.issue_id
    if issue_id is None:
        return None
    metadata = mapping(data.get("metadata"))
    project = data.get("project")
    return SentryIssue(
        id=issue_id,
        short_id=text(pick(data, "shortId", "short_id"), limits.IDENTIFIER),
        title=line(pick(data, "title") or metadata.get("title"), limits.TITLE),
        culprit=line(data.get("culprit"), limits.PATH),
        level=text(data.get("level")),
        platform=text(data.get("platform")),
        status=text(data.get("status"), limits.IDENTIFIER),
        substatus=text(data.get("substatus"), limits.IDENTIFIER),
        error_type=text(metadata.get("type")),
        error_value=text(metadata.get("value"), limits.MESSAGE),
        organization=found.organization,
        project_id=identifier(walk(project, "id")),
        project=identifier(walk(project, "slug") or project) or found.project,
        count=whole(data.get("count")),
        user_count=whole(pick(data, "userCount", "user_count")),
        first_seen=moment(pick(data, "firstSeen", "first_seen")),
        last_seen=moment(pick(data, "lastSeen", "last_seen")),
        assigned_to=_assignee(pick(data, "assignedTo", "assigned_to")),
        first_release=_release(pick(data, "firstRelease", "first_release")),
        web_url=link(pick(data, "web_url", "permalink")),
    )


def _assignee(data: object) -> str | None:
    if isinstance(data, Mapping):
        return text(pick(data, "name", "email", "id"))
    return text(data) if isinstance(data, str) else None


def _release(data: object) -> str | None:
    return text(walk(data, "version")) or (text(data) if isinstance(data, str) else None)
