"""Dead man's switch: projects whose webhooks do not reach us although things happen in them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from investigator.reconcile.news import News
from investigator.reconcile.window import OVERLAP, Unheard, Window

SILENT_AFTER = 3  # issues that only a sweep found; fewer may be single webhooks that got lost
_REMEMBERED = 50


def is_regular(window: Window, every: timedelta) -> bool:
    """False for a window that makes up for time we were away: webhooks got lost then because we were."""
    return window.length <= OVERLAP + 2 * every


def unheard_after(
    unheard: Mapping[str, Unheard], found: Sequence[News], heard: Mapping[str, datetime], since: datetime
) -> dict[str, Unheard]:
    """By project, what was found since its last webhook; `heard` says when that was.

    `found` is what a regular sweep of the time since `since` found. What settled is not counted: who alerts
    by rule only is never told of it.
    """
    result = {
        project: record
        for project, record in unheard.items()
        if project not in heard or heard[project] < record.since
    }
    for news in found:
        project = news.project
        if project is None or news.settles:
            continue
        if project in heard and heard[project] >= since:
            continue
        record = result.get(project, Unheard(since=since))
        issues = dict.fromkeys((*record.issues, news.issue.id))
        result[project] = record.model_copy(update={"issues": tuple(issues)[-_REMEMBERED:]})
    return result


def silent(unheard: Mapping[str, Unheard]) -> dict[str, Unheard]:
    """The projects of which enough was missed to say that their webhooks are broken."""
    return {project: record for project, record in unheard.items() if len(record.issues) >= SILENT_AFTER}
