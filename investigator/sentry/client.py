"""The part of Sentry's API that is used: issues, events, releases; changes only what a person clicked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
import structlog

from investigator.deadline import Deadline
from investigator.errors import BadPayload, OutsideCallFailed
from investigator.models.evidence import Deploy
from investigator.models.sentry import SentryEvent, SentryIssue
from investigator.sentry.coerce import Object, identifier, moment, pick, sequence, walk
from investigator.sentry.event import parse_event
from investigator.sentry.issue import issue_or_none, parse_issue
from investigator.sentry.pagination import next_cursor
from investigator.sentry.releases import Release, parse_commit_ids, parse_deploys, parse_release
from investigator.sentry.transport import SentryTransport

_log = structlog.get_logger(__name__)

_PAGE = 100
_REOPENING_ACTIVITIES = ("set_regression", "set_escalating")


@dataclass(frozen=True, slots=True)
class IssuePage:
    """`next` names the page that follows; `pause` is how many seconds Sentry wants us to wait before it."""

    issues: tuple[SentryIssue, ...]
    next: str | None
    pause: float


class SentryClient:
    """Every method raises `OutsideCallFailed(service="Sentry")`, and ends by its deadline if it has one.

    `organization` is the slug. The token of an internal integration needs the scopes `event:read` and
    `project:releases`; to resolve and assign from Slack also `event:write`.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        organization: str,
        token: str,
        timeout_seconds: float = 5.0,
    ) -> None:
        self._transport = SentryTransport(session, base_url, token, timeout_seconds)
        self._organization = ("organizations", organization)

    @property
    def requests(self) -> int:
        """Requests sent so far, retries included."""
        return self._transport.requests

    async def issue(self, issue_id: str, *, deadline: Deadline | None = None) -> SentryIssue:
        data = await self._object("issues", issue_id, deadline=deadline)
        try:
            return parse_issue(data)
        except BadPayload as error:
            raise _bad_answer(str(error)) from None

    async def resolve(self, issue_id: str, *, deadline: Deadline | None = None) -> None:
        """Mark the issue as resolved."""
        await self._change(issue_id, {"status": "resolved"}, deadline)

    async def assign(self, issue_id: str, email: str, *, deadline: Deadline | None = None) -> None:
        """Assign the issue to the member with this e-mail address; `rejected` when there is none."""
        await self._change(issue_id, {"assignedTo": email}, deadline)

    async def _change(self, issue_id: str, change: Mapping[str, object], deadline: Deadline | None) -> None:
        await self._transport.put(*self._organization, "issues", issue_id, change=change, deadline=deadline)

    async def event(
        self, issue_id: str, which: str = "latest", *, deadline: Deadline | None = None
    ) -> SentryEvent:
        """One event of an issue: `latest`, `oldest`, `recommended`, or an event id."""
        return parse_event(await self._object("issues", issue_id, "events", which, deadline=deadline))

    async def resolve_short_id(self, short_id: str, *, deadline: Deadline | None = None) -> str:
        """The id of the issue people call `CHECKOUT-3F`."""
        data = await self._object("shortids", short_id, deadline=deadline)
        issue_id = identifier(pick(data, "groupId") or walk(data, "group", "id"))
        if issue_id is None:
            raise _bad_answer("the answer about a short id names no issue")
        return issue_id

    async def release(self, version: str, *, deadline: Deadline | None = None) -> Release:
        return parse_release(await self._object("releases", version, deadline=deadline), version)

    async def deploys(self, version: str, *, deadline: Deadline | None = None) -> tuple[Deploy, ...]:
        answer = await self._list("releases", version, "deploys", deadline=deadline)
        return parse_deploys(answer, version)

    async def release_commits(self, version: str, *, deadline: Deadline | None = None) -> tuple[str, ...]:
        """SHAs in Sentry's order, at most the first hundred."""
        return parse_commit_ids(await self._list("releases", version, "commits", deadline=deadline))

    async def issues_page(
        self, start: datetime, end: datetime, *, cursor: str | None = None, deadline: Deadline | None = None
    ) -> IssuePage:
        """A page of the issues with an event from `start` to `end`, resolved and ignored ones too.

        The one seen last comes first. Times are sent in whole seconds, so ask for a little more than you
        need. Rows without an id are left out and logged.
        """
        query = {
            "query": "",  # without it Sentry shows unresolved issues only
            "project": "-1",  # all that the token may see; without it those its owner is a member of
            "sort": "date",
            "start": _seconds(start),
            "end": _seconds(end),
            "limit": str(_PAGE),
            **({"cursor": cursor} if cursor else {}),
        }
        answer = await self._transport.get(*self._organization, "issues", query=query, deadline=deadline)
        rows = _rows(answer.payload)
        issues = [issue for row in rows if isinstance(row, Mapping) and (issue := issue_or_none(row))]
        if len(issues) < len(rows):
            _log.warning("sentry_issue_rows_unreadable", count=len(rows) - len(issues))
        return IssuePage(tuple(issues), next_cursor(answer.link), answer.pause)

    async def reopened_at(self, issue_id: str, *, deadline: Deadline | None = None) -> datetime | None:
        """When the issue last regressed or escalated; None when it never did."""
        data = await self._object("issues", issue_id, "activities", deadline=deadline)
        times = (
            moment(walk(activity, "dateCreated"))
            for activity in sequence(data.get("activity"))
            if walk(activity, "type") in _REOPENING_ACTIVITIES
        )
        return max((at for at in times if at), default=None)

    async def _object(self, *path: str, deadline: Deadline | None) -> Object:
        answer = await self._transport.get(*self._organization, *path, deadline=deadline)
        if not isinstance(answer.payload, Mapping):
            raise _bad_answer(f"an object was expected from {path[0]}")
        return answer.payload

    async def _list(self, *path: str, deadline: Deadline | None) -> object:
        query = {"per_page": str(_PAGE)}
        answer = await self._transport.get(*self._organization, *path, query=query, deadline=deadline)
        return _rows(answer.payload)


def _rows(payload: object) -> list[object]:
    if not isinstance(payload, list):
        raise _bad_answer("a list was expected")
    return payload


def _seconds(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _bad_answer(detail: str) -> OutsideCallFailed:
    return OutsideCallFailed("Sentry", "bad_answer", detail)
