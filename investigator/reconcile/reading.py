"""Asking Sentry, as fast as it allows and for as long as the deadline leaves time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from investigator.deadline import Deadline
from investigator.errors import OutsideCallFailed
from investigator.models.sentry import SentryIssue
from investigator.reconcile.window import Window
from investigator.sentry.client import SentryClient

MOST_PAGES = 10  # of a hundred issues; the next sweep goes on where this one stopped
_LEAST_WAIT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a window, as far as `cursor`; `failure` is what ended it, if anything did."""

    issues: tuple[SentryIssue, ...]
    cursor: str | None
    complete: bool = False
    failure: OutsideCallFailed | None = None


async def read_window(sentry: SentryClient, window: Window, deadline: Deadline) -> Reading:
    """The issues of a window, each once, page by page. Never raises for Sentry's failures."""
    found: dict[str, SentryIssue] = {}
    cursor, visited, pause = window.cursor, {window.cursor}, 0.0
    for _ in range(MOST_PAGES):
        if not await _waited(pause, deadline):
            break
        try:
            page = await sentry.issues_page(window.start, window.end, cursor=cursor, deadline=deadline)
        except OutsideCallFailed as failure:
            pause = max(failure.retry_after or 0.0, _LEAST_WAIT_SECONDS)
            if failure.kind == "rate_limited" and pause < deadline.left():
                continue
            return Reading(tuple(found.values()), cursor, failure=failure)
        found.update((issue.id, issue) for issue in page.issues)
        if page.next is None:
            return Reading(tuple(found.values()), None, complete=True)
        if page.next in visited:
            circle = OutsideCallFailed("Sentry", "bad_answer", "its pages lead back to one that was read")
            return Reading(tuple(found.values()), window.cursor, failure=circle)
        visited.add(page.next)
        cursor, pause = page.next, page.pause
    return Reading(tuple(found.values()), cursor)


async def _waited(seconds: float, deadline: Deadline) -> bool:
    """Wait, unless the deadline does not leave that much time."""
    if seconds and seconds >= deadline.left():
        return False
    await asyncio.sleep(seconds)
    return True
