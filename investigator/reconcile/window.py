"""Which stretch of time a sweep has to look at, and how far it came. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import Field

from investigator.models.base import Document, Value

OVERLAP = timedelta(minutes=5)
FIRST = timedelta(hours=1)
LONGEST = timedelta(days=7)  # what happened while nobody ran this program is no incident any more
SETTLING = timedelta(seconds=30)  # webhooks under way are given this long to arrive by themselves


class Window(Value):
    """From `start` to `end`; `cursor` is Sentry's name for the page to go on with, None for the first."""

    start: datetime
    end: datetime
    cursor: str | None = None

    @property
    def length(self) -> timedelta:
        return self.end - self.start


class Unheard(Value):
    """What a project did since `since` without a webhook of its telling us: ids of new or reopened issues."""

    since: datetime
    issues: tuple[str, ...] = ()


class Progress(Document):
    """How far the sweeps came, kept in the store between them.

    Up to `covered_until` everything was looked at. `under_way` is a window that one sweep could not finish.
    `turn` counts sweeps. `unheard` is by project.
    """

    covered_until: datetime | None = None
    under_way: Window | None = None
    turn: int = 0
    unheard: dict[str, Unheard] = Field(default_factory=dict)


def next_window(progress: Progress, now: datetime) -> Window:
    """What this sweep has to look at: the rest of an unfinished window, else all since the last good one."""
    if progress.under_way:
        return progress.under_way
    end = now - SETTLING
    if progress.covered_until is None:
        return Window(start=end - FIRST, end=end)
    return Window(start=max(progress.covered_until - OVERLAP, end - LONGEST), end=end)


def finished(progress: Progress, window: Window) -> Progress:
    """After a sweep that read all of `window`."""
    return progress.model_copy(
        update={"covered_until": window.end, "under_way": None, "turn": progress.turn + 1}
    )


def interrupted(progress: Progress, window: Window, cursor: str | None) -> Progress:
    """After a sweep that came as far as `cursor`.

    One that read no page begins again with a window up to its own now: a cursor that Sentry no longer takes
    must not keep us from news for ever.
    """
    under_way = window.model_copy(update={"cursor": cursor}) if cursor != window.cursor else None
    return progress.model_copy(update={"under_way": under_way, "turn": progress.turn + 1})
