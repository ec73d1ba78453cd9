"""Issues we never heard of that have been in Sentry for long, and regressed or escalated at some time."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from redis.asyncio import Redis

from investigator import keys
from investigator.deadline import Deadline
from investigator.errors import OutsideCallFailed
from investigator.models.sentry import SentryIssue
from investigator.reconcile.news import News
from investigator.reconcile.window import Window
from investigator.sentry.client import SentryClient

log = structlog.get_logger(__name__)

ASKED_PER_SWEEP = 20
# Sentry calls an issue regressed or escalating for a week; asking once in that time is enough.
PASSED_OVER_SECONDS = 8 * 24 * 3600
_NO_HISTORY = {"not_found", "forbidden", "rejected"}


async def reopened(
    store: Redis, sentry: SentryClient, strangers: Sequence[SentryIssue], window: Window, deadline: Deadline
) -> list[News]:
    """Those that did it in `window`; Sentry's list does not say when, so the history of each is asked.

    Raises:
        OutsideCallFailed: the history cannot be had now.
    """
    if not strangers:
        return []
    passed = await store.mget([keys.passed_over(issue.id) for issue in strangers])
    unknown = [issue for issue, before in zip(strangers, passed, strict=True) if not before]
    news = []
    for issue in unknown[:ASKED_PER_SWEEP]:
        if await _reopened_in(sentry, issue, window, deadline):
            news.append(News(issue=issue, action="unresolved"))
        else:
            await store.set(keys.passed_over(issue.id), "1", ex=PASSED_OVER_SECONDS)
    if len(unknown) > ASKED_PER_SWEEP:
        log.warning("reconcile_strangers_left", count=len(unknown) - ASKED_PER_SWEEP)
    return news


async def _reopened_in(sentry: SentryClient, issue: SentryIssue, window: Window, deadline: Deadline) -> bool:
    try:
        at = await sentry.reopened_at(issue.id, deadline=deadline)
    except OutsideCallFailed as failure:
        if failure.kind not in _NO_HISTORY:
            raise
        log.info("sentry_history_refused", issue=issue.id, kind=failure.kind)
        return False
    return at is not None and at >= window.start
