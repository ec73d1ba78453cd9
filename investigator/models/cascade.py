"""What grouping works with: what an alert says of other systems, the alert itself, and the groups."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from investigator.models.base import Document, Value

TargetKind = Literal[
    "service",  # another program of ours or a vendor's, by name or by the host of its address
    "postgres",
    "mysql",
    "sqlserver",
    "redis",
    "mongodb",
    "elasticsearch",
    "kafka",
    "rabbitmq",
    "object_store",
    "host",  # only an address is known
]
Symptom = Literal[
    "refused",
    "timeout",
    "reset",
    "unknown_host",
    "unreachable",
    "tls",
    "pool_exhausted",
    "overloaded",
    "server_error",
    "rejected",  # it answered, and the answer was no: authentication, permission, not found
    "garbage",  # it answered what could not be understood
]


class Target(Value):
    """Another system that an error names. `name` is a host, a database or a service, as the error has it."""

    kind: TargetKind
    name: str | None = None  # None: the driver says what kind of system it was, and not which one
    port: int | None = None
    database: str | None = None
    symptom: Symptom


class Signals(Value):
    """What an error says beyond itself, read by `cascade.signals.signals_of`.

    `signature` is the same for errors of one kind: type, normalised message, top in-app frames.
    `dependent` is whether this looks like the consequence of something else's failure even though nothing is
    named (“timed out”, a missing key in somebody's answer).
    """

    targets: tuple[Target, ...] = ()
    signature: str = ""
    dependent: bool = False
    trace_id: str | None = None
    span_id: str | None = None
    parent_span_id: str | None = None  # of a caller, where the error is in a request's first span


class Alert(Value):
    """One episode's first alert, as grouping sees it. `at` is when it began by Sentry's clock, never after
    `received_at`. `key` is unique to the episode.
    """

    key: str
    issue_id: str
    service: str
    environment: str | None = None
    at: datetime
    received_at: datetime
    release: str | None = None
    signals: Signals = Signals()


ReasonKind = Literal[
    "alerted",  # the candidate reported an error of its own; count = how many issues
    "silent",  # it reported nothing itself
    "named",  # errors of `services` name it; `detail` is what they call it
    "traced",  # a request failed in it and in `services`, which are further up
    "alias",  # `detail` is taken for its address, because `services`, which all depend on it, name that
    "explains",  # count of `of` failing services depend on it, directly or along failing ones
    "healthy",  # count of `of` of its direct callers reported nothing (evidence against)
    "first",  # its alert came first
    "deployed",  # its release changed shortly before; `detail` is the release
    "uncharted",  # the catalogue does not say that `services` depend on it
    "lone",  # nobody else failed, and its error names nobody
    "marked",  # a person said so
    "remembered",  # people marked it (`services`) in a cascade like this, last on the day `detail`
]


class Reason(Value):
    """One fact for or against a candidate; the words are the template's."""

    kind: ReasonKind
    services: tuple[str, ...] = ()
    count: int = 0
    of: int = 0
    detail: str | None = None


class Candidate(Value):
    """A node that may be the root: a service by name, or infrastructure as `kind:name`.

    `score` is the probability that it is the one. `reasons` are facts that a person can check.
    """

    node: str
    score: float
    reasons: tuple[Reason, ...] = ()


class RootRanking(Value):
    """Candidates, most likely first; their scores sum to at most 1.

    `clear` is whether the first may be called the root; otherwise the root is unclear between the first two.
    """

    candidates: tuple[Candidate, ...] = ()
    clear: bool = False

    @property
    def first(self) -> Candidate | None:
        return self.candidates[0] if self.candidates else None


class Group(Value):
    """An incident that can still grow. `alerts` are in the order of `at`; the newest few hundred are kept.

    `investigate_at` is when to begin its investigation unless it was merged before: an alert that looks like
    a consequence waits a moment for its cause. `root` is a person's word and is the first of `ranking` as
    well. It never merges with one of `apart` again, and alerts in `by_hand` (keys) are moved by people only.
    """

    incident_id: str
    opened_at: datetime
    investigate_at: datetime
    alerts: tuple[Alert, ...]
    ranking: RootRanking = RootRanking()
    root: str | None = None
    apart: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()


EdgeSource = Literal[
    "named",  # errors of the caller name the callee
    "trace",  # a request went from the caller to the callee
    "confirmed",  # people said that what hit the caller began with the callee
]


class LearnedEdge(Value):
    """`caller` was seen to depend on `callee`; the catalogue does not say so. `seen` is how often."""

    caller: str
    callee: str
    seen: int
    last_at: datetime
    source: EdgeSource = "named"


class LearnedAlias(Value):
    """`host` is an address of `node`, because `services`, which depend on it, name it in their errors."""

    host: str
    node: str
    services: tuple[str, ...]
    last_at: datetime


class ConfirmedRoot(Value):
    """People said that what hit `services` in an incident began with `root`, which is none of them."""

    incident: str
    root: str
    services: tuple[str, ...]
    at: datetime


class KnownRelease(Value):
    """The newest release that a service reported from, since when, and the one before."""

    service: str
    release: str
    since: datetime
    before: str | None = None


class Board(Document):
    """What grouping remembers: groups that can still grow, what was learned, who ever reported an error.

    Bounded, and JSON like every document: at most about half a megabyte in the worst storm.
    """

    groups: tuple[Group, ...] = ()
    edges: tuple[LearnedEdge, ...] = ()
    aliases: tuple[LearnedAlias, ...] = ()
    releases: tuple[KnownRelease, ...] = ()
    confirmed: tuple[ConfirmedRoot, ...] = ()  # the newest last
    reporters: tuple[str, ...] = ()  # services that have reported an error, newest last

    def group(self, incident_id: str) -> Group | None:
        return next((group for group in self.groups if group.incident_id == incident_id), None)

    def incident_of(self, alert_key: str) -> str | None:
        """The incident that an alert is in now."""
        return next(
            (group.incident_id for group in self.groups for alert in group.alerts if alert.key == alert_key),
            None,
        )


class Opened(Value):
    """A new incident with this group. Its alerts were in no incident before, or were `Moved` here."""

    group: Group


class Joined(Value):
    """A new alert belongs to an incident that is there already."""

    incident_id: str
    alert: Alert


class Moved(Value):
    """Alerts that were in `from_incident` turn out to belong to `to_incident`; both live on."""

    alerts: tuple[Alert, ...]
    from_incident: str
    to_incident: str


class Merged(Value):
    """Two incidents are one: everything in `younger` now belongs to `older`; `younger` goes quiet."""

    younger: str
    older: str


class RootMoved(Value):
    """Another candidate is the likeliest now. `before` is what was said until now."""

    incident_id: str
    before: RootRanking
    after: RootRanking


Change = Opened | Joined | Moved | Merged | RootMoved
