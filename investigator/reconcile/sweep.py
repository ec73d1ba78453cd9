"""One sweep: what Sentry knows and our records do not reflect is appended to the inbox, oldest first.

Triage then treats it like any webhook. A sweep may die at any point and be repeated: deliveries are written
before the progress is, and a second copy of one changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from redis.asyncio import Redis

from investigator import keys
from investigator.deadline import Deadline
from investigator.delivery import Delivery
from investigator.delivery_codec import encode
from investigator.errors import OutsideCallFailed
from investigator.inbox_writer import InboxWriter
from investigator.incidents import Incidents
from investigator.models.issue_state import IssueState
from investigator.models.sentry import SentryIssue
from investigator.reconcile.news import News, body_of, is_stranger, news_of
from investigator.reconcile.reading import read_window
from investigator.reconcile.settled import settleable, settled_unheard
from investigator.reconcile.silence import is_regular, silent, unheard_after
from investigator.reconcile.strangers import reopened
from investigator.reconcile.window import (
    SETTLING,
    Progress,
    Unheard,
    Window,
    finished,
    interrupted,
    next_window,
)
from investigator.sentry.client import SentryClient
from investigator.store import as_unavailable, decoded

WRITE_DELIVERIES = 100
WRITE_SECONDS = 2.0
FORGET_SILENCE_SECONDS = 24 * 3600  # when nobody sweeps any more


@dataclass(frozen=True, slots=True)
class Swept:
    """`result` is `complete`, `partial` (the next sweep goes on), or what kind of failure ended it.

    `silent` are the projects whose webhooks do not come, with what was found of them without.
    """

    window: Window
    issues: int
    deliveries: int
    silent: Mapping[str, Unheard]
    complete: bool
    failure: OutsideCallFailed | None = None

    @property
    def result(self) -> str:
        return self.failure.kind if self.failure else "complete" if self.complete else "partial"


@dataclass(frozen=True, slots=True)
class Sweeper:
    """`every` is how often a sweep is made."""

    store: Redis
    sentry: SentryClient
    incidents: Incidents
    writer: InboxWriter
    every: timedelta

    async def sweep(self, now: datetime, deadline: Deadline) -> Swept:
        """Look at what happened since the last good sweep.

        Raises:
            StoreUnavailable: nothing was remembered; the next sweep looks at the same time again.
        """
        with as_unavailable():
            progress = await self._progress()
            window, known_by = next_window(progress, now), now - SETTLING
            may_settle = await settleable(self.incidents)
            reading = await read_window(self.sentry, window, deadline)
            states = await self.incidents.issue_states([issue.id for issue in reading.issues])
            news = _missed(reading.issues, states, window, known_by, may_settle)
            failure = reading.failure
            if failure is None:
                strangers = [i for i in reading.issues if is_stranger(i, states.get(i.id), window.start)]
                try:
                    news += await reopened(self.store, self.sentry, strangers, window, deadline)
                except OutsideCallFailed as error:
                    failure = error
            if failure is None:
                unlisted = may_settle.difference(issue.id for issue in reading.issues)
                news += await settled_unheard(
                    self.incidents,
                    self.sentry,
                    unlisted,
                    turn=progress.turn,
                    known_by=known_by,
                    deadline=deadline,
                )
            await self._deliver(news, window, now)
            complete = reading.complete and failure is None
            after = finished(progress, window) if complete else interrupted(progress, window, reading.cursor)
            after = await self._listen(after, news, window)
            await self.store.set(keys.RECONCILE, after.model_dump_json())
        return Swept(window, len(reading.issues), len(news), silent(after.unheard), complete, failure)

    async def _progress(self) -> Progress:
        document = await self.store.get(keys.RECONCILE)
        return Progress.model_validate_json(document) if document else Progress()

    async def _deliver(self, news: Iterable[News], window: Window, now: datetime) -> None:
        in_order = sorted(news, key=lambda item: item.happened_at or window.start)
        fields = [encode(Delivery(body_of(item), {}, now, "reconcile")) for item in in_order]
        for first in range(0, len(fields), WRITE_DELIVERIES):
            await self.writer.write(fields[first : first + WRITE_DELIVERIES], WRITE_SECONDS)

    async def _listen(self, progress: Progress, news: Sequence[News], window: Window) -> Progress:
        """The progress with what each project did unheard; also writes down which projects are silent."""
        answers = await self.store.hgetall(keys.PROJECTS_HEARD)
        heard = {decoded(project): datetime.fromtimestamp(float(at), UTC) for project, at in answers.items()}
        found = news if is_regular(window, self.every) else []
        unheard = unheard_after(progress.unheard, found, heard, window.start)
        async with self.store.pipeline(transaction=True) as pipe:
            pipe.delete(keys.SILENT_PROJECTS)
            for project, record in silent(unheard).items():
                pipe.hset(keys.SILENT_PROJECTS, project, record.since.isoformat())
            pipe.expire(keys.SILENT_PROJECTS, FORGET_SILENCE_SECONDS)
            await pipe.execute()
        return progress.model_copy(update={"unheard": unheard})


def _missed(
    issues: Iterable[SentryIssue],
    states: Mapping[str, IssueState],
    window: Window,
    known_by: datetime,
    may_settle: Set[str],
) -> list[News]:
    found = [news_of(issue, states.get(issue.id), since=window.start, known_by=known_by) for issue in issues]
    return [news for news in found if news and (not news.settles or news.issue.id in may_settle)]
