"""What the store keeps of an incident."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from investigator.models.analysis import Assessment
from investigator.models.base import Document, Value
from investigator.models.cascade import RootRanking
from investigator.models.evidence import CodeEvidence, Gap, Ranking
from investigator.models.fix import FixPull
from investigator.models.incident_channel import OwnChannel
from investigator.models.sentry import SentryEvent, SentryIssue


class ParentMessage(Value):
    """The one message of an incident in its channel; its `ts` is the thread's identity."""

    channel: str
    ts: str


class Findings(Document):
    """The result of one investigation, kept so that it can be expanded without asking GitHub again."""

    service: str | None = None  # whose error this is; None: the incident's own
    code_of: str | None = None  # whose code was looked at, in a cascade not always the same; None: likewise
    event: SentryEvent | None = None
    issue: SentryIssue | None = None
    code: CodeEvidence = CodeEvidence()
    ranking: Ranking = Ranking()
    gaps: tuple[Gap, ...] = ()
    sentry_requests: int = 0
    assessment: Assessment | None = None  # None: no model was asked, nor will be
    timings: tuple[tuple[str, float], ...] = ()  # (step, seconds)


class Run(Value):
    """One investigation of an incident. Run 1 is automatic, later ones were asked for by a person."""

    number: int
    requested_at: datetime
    requested_by: str | None = None  # Slack user id; None: triage
    request: str | None = None  # identity of what asked for it, so that a repetition asks for nothing
    state: Literal["requested", "done", "failed"] = "requested"
    finished_at: datetime | None = None
    verdict: str | None = None
    suspect: str | None = None  # SHA of the first suspect
    failure: str | None = None
    not_before: datetime | None = None  # it is kept waiting until then, because of a mute


class Member(Value):
    """One issue's alert in an incident. `key` is that of its episode, `since` when it began."""

    key: str
    issue_id: str
    service: str
    since: datetime
    title: str = ""
    level: str | None = None
    short_id: str | None = None
    web_url: str | None = None
    events: int = 1


def by_service(members: Iterable[Member]) -> list[tuple[str, list[Member]]]:
    """Members of each service, the service that alerted first before the others."""
    found: dict[str, list[Member]] = {}
    for member in sorted(members, key=lambda member: member.since):
        found.setdefault(member.service, []).append(member)
    return list(found.items())


class Incident(Document):
    """One thread's worth of trouble.

    `version` grows by one with every stored change; a writer with an old version must read again.
    `id` is a small number as text, shown to people as `#42`.
    """

    id: str
    version: int = 0
    status: Literal["open", "resolved"] = "open"
    opened_at: datetime
    opened_by: str  # identity of the delivery, or `slack:<trigger>` when a person asked
    resolved_at: datetime | None = None
    resolved_by: str | None = None  # Slack user id, or what settled it
    assigned_to: str | None = None  # Slack user id
    service: str
    channel: str  # where it is to be posted: "#name" or a channel id
    issue_ids: tuple[str, ...] = ()
    episode: int = 1
    project: str | None = None
    title: str = ""
    level: str | None = None
    environment: str | None = None
    web_url: str | None = None
    short_id: str | None = None
    events: int = 1  # distinct ones that alerts told us of
    last_event_at: datetime | None = None
    event: SentryEvent | None = None  # the newest one a webhook carried, if any did
    issue: SentryIssue | None = None
    parent: ParentMessage | None = None
    own_channel: OwnChannel | None = None  # in which people talk about it, if it has one
    runs: tuple[Run, ...] = ()  # none: it was over before we heard of it
    members: tuple[Member, ...] = ()  # the alerts that are this incident; the first is what it is named after
    root: RootRanking | None = None
    root_by: str | None = None  # Slack user id of who named the root
    root_said: str | None = None  # what the thread says is the root
    root_moves: int = 0  # how often the thread said that it is another
    fixes: tuple[FixPull, ...] = ()  # pull requests that people had opened for it
    merged_into: str | None = None  # number of the incident that this one turned out to be part of

    @property
    def run(self) -> Run | None:
        return self.runs[-1] if self.runs else None

    @property
    def services(self) -> tuple[str, ...]:
        """Services that alerted, in the order in which they joined."""
        return tuple(dict.fromkeys(member.service for member in self.members)) or (self.service,)

    @property
    def is_cascade(self) -> bool:
        return len(self.members) > 1
