"""What we remember of one Sentry issue: its episodes and its settlements, in the order of Sentry's clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal, Self

from investigator.models.base import Document, Value

Standing = Literal["open", "resolved", "ignored", "superseded"]


class Moment(Value):
    """When something was so: when the last event was and the how-manieth, as the signed body says."""

    at: datetime
    count: int | None = None

    def after(self, other: Moment) -> bool:
        """Certainly later; two moments that cannot be told apart are not."""
        if self.at != other.at:
            return self.at > other.at
        return self.count is not None and other.count is not None and self.count > other.count


class Settlement(Value):
    """The issue was resolved or archived; `told_at` is when we heard.

    `earlier`: of two things of the very same moment, an episode and this, this was the earlier one.
    """

    moment: Moment
    status: Literal["resolved", "ignored"]
    told_at: datetime
    earlier: bool = False

    def precedes(self, began: Moment) -> bool:
        """Was this before an episode that began then, rather than in it?"""
        return began.after(self.moment) or (self.earlier and not self.moment.after(began))


class Episode(Value):
    """A time of trouble, carried by one incident.

    `kind` is how we know that it began. `created`: it is the issue's first. `alerted`: an alert came, so it
    is taken for the first until something else is told. `reopened`: Sentry, or a person, said that it began.
    `alert_key` is what grouping knows it by.
    """

    incident_id: str = ""  # of the incident it is in now
    key: str = ""
    whole: bool = False  # an event of it was read
    kind: Literal["created", "alerted", "reopened"]
    began: Moment
    events: int = 0  # distinct ones
    recent: tuple[float, ...] = ()  # when the newest of them happened, seconds since 1970, oldest first

    @property
    def alert_key(self) -> str:
        return self.key or self.incident_id

    @property
    def first(self) -> bool:
        return self.kind != "reopened"

    @property
    def last_event_at(self) -> datetime:
        return datetime.fromtimestamp(self.recent[-1], UTC) if self.recent else self.began.at


class IssueState(Document):
    """Episodes and settlements are sorted by moment, oldest first; only the newest of each are kept.

    `loose` are events (seconds since 1970) that came after a settlement while no episode was known.
    """

    issue_id: str
    episodes: tuple[Episode, ...] = ()
    settlements: tuple[Settlement, ...] = ()
    loose: tuple[float, ...] = ()
    forgotten: int = 0  # episodes before the ones that are kept
    status_at: datetime | None = None  # when the newest change of all this reached us

    @property
    def status(self) -> Literal["unseen"] | Standing:
        if self.episodes:
            return self.standing(len(self.episodes) - 1)
        return self.settlements[-1].status if self.settlements else "unseen"

    @property
    def incident_id(self) -> str | None:
        """The incident of the newest episode."""
        return self.episodes[-1].incident_id if self.episodes else None

    @property
    def episode(self) -> int:
        """The number of the newest episode; 1 when none is known."""
        return self.number(len(self.episodes) - 1) if self.episodes else 1

    def number(self, index: int) -> int:
        """Which episode this is, counted from 1. A first one that came back had one before it."""
        return index + 1 + (self.forgotten or (not self.episodes[0].first))

    def standing(self, index: int) -> Standing:
        """How the episode ended: by the last settlement before the next one; superseded: we never heard."""
        settlement = self.end_of(index)
        if settlement:
            return settlement.status
        return "superseded" if index + 1 < len(self.episodes) else "open"

    def end_of(self, index: int) -> Settlement | None:
        episode, following = self.episodes[index], self.episodes[index + 1 :]
        for settlement in reversed(self.settlements):
            before_next = not following or settlement.precedes(following[0].began)
            if before_next and (episode.first or not settlement.precedes(episode.began)):
                return settlement
        return None

    def place(self, alert_key: str) -> int | None:
        """Where the episode of this key stands, if it is still remembered."""
        return next((i for i, e in enumerate(self.episodes) if e.alert_key == alert_key), None)

    def with_incident(self, incident_id: str, alert_key: str | None = None) -> Self:
        """Put the episode of this key, else the new one, into an incident."""
        episodes = (
            e.model_copy(update={"incident_id": incident_id})
            if (e.alert_key == alert_key if alert_key else not e.incident_id)
            else e
            for e in self.episodes
        )
        return self.model_copy(update={"episodes": tuple(episodes)})

    def with_key(self, alert_key: str) -> Self:
        """Give the new episode its key."""
        episodes = (e if e.alert_key else e.model_copy(update={"key": alert_key}) for e in self.episodes)
        return self.model_copy(update={"episodes": tuple(episodes)})

    def is_whole(self, alert_key: str) -> bool:
        place = self.place(alert_key)
        return place is not None and self.episodes[place].whole

    def with_whole(self, alert_key: str) -> Self:
        """An event of the episode of this key was read."""
        episodes = (
            e.model_copy(update={"whole": True}) if e.alert_key == alert_key else e for e in self.episodes
        )
        return self.model_copy(update={"episodes": tuple(episodes)})
