"""The moment that a report counts from. Pure."""

from __future__ import annotations

from datetime import datetime

from investigator.models.base import Value
from investigator.models.report import Moment
from investigator.models.sentry import SentryEvent, SentryIssue
from investigator.wording import relative

_CAME_BACK = frozenset({"regressed", "escalating"})


class Anchor(Value):
    at: datetime
    name: str

    @classmethod
    def of(cls, event: SentryEvent, issue: SentryIssue, opened_at: datetime) -> Anchor:
        """The issue's first event; for one that came back, this event: its first is history."""
        if issue.substatus in _CAME_BACK:
            return cls(at=event.occurred_at or opened_at, name="this alert")
        if first := issue.first_seen or event.occurred_at:
            return cls(at=first, name="the first event")
        return cls(at=opened_at, name="the alert")

    def moment(self, at: datetime | None) -> Moment | None:
        return Moment(at=at, relative=relative(at, self.at, self.name)) if at else None
