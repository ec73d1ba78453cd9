"""What grouping works with: what an alert says of other systems, and the alert itself."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from investigator.models.base import Value

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
