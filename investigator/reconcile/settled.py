"""Open incidents whose issue may have been settled unheard: without a new event it is in no window."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import structlog

from investigator.deadline import Deadline
from investigator.errors import OutsideCallFailed
from investigator.incidents import Incidents
from investigator.reconcile.news import News, news_of
from investigator.sentry.client import SentryClient

log = structlog.get_logger(__name__)

OPEN_INCIDENTS = 500  # the newest ones
ASKED_PER_SWEEP = 20


async def settleable(incidents: Incidents) -> set[str]:
    """Issues of open incidents that a sweep may settle.

    Not those a person opened: their issue was settled already, perhaps, and the person asked all the same.
    """
    return {
        issue_id
        for incident in await incidents.recent(OPEN_INCIDENTS)
        if incident.status == "open" and not incident.opened_by.startswith("slack:")
        for issue_id in incident.issue_ids
    }


async def settled_unheard(
    incidents: Incidents,
    sentry: SentryClient,
    issue_ids: Iterable[str],
    *,
    turn: int,
    known_by: datetime,
    deadline: Deadline,
) -> list[News]:
    """Ask for some of these, other ones at every turn. What cannot be asked now has its turn again."""
    in_order = sorted(issue_ids)
    first = (turn * ASKED_PER_SWEEP) % max(1, len(in_order))
    chosen = [*in_order[first:], *in_order[:first]][:ASKED_PER_SWEEP]
    states = await incidents.issue_states(chosen)
    found = []
    for issue_id in chosen:
        try:
            issue = await sentry.issue(issue_id, deadline=deadline)
        except OutsideCallFailed as failure:
            log.info("open_issue_not_asked", issue=issue_id, kind=failure.kind)
            if failure.kind == "not_found":  # deleted
                continue
            break
        # Of one that was merged Sentry tells what it is a part of now: what holds for that, holds for it.
        issue = issue.model_copy(update={"id": issue_id})
        news = news_of(issue, states.get(issue_id), since=known_by, known_by=known_by)
        if news and news.settles:
            found.append(news)
    return found
