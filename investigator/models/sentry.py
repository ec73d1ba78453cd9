"""What Sentry told us, whatever shape it came in.

Webhook bodies (snake_case, tags as pairs, frames with pre/post context) and API bodies (camelCase,
`entries[]`, frames with numbered context) are both parsed into these models by `investigator.sentry.parse`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from investigator.models.base import Value

Resource = Literal[
    "issue",
    "error",
    "event_alert",
    "activity_alert",
    "metric_alert",
    "comment",
    "seer",
    "preprod_artifact",
    "installation",
    "legacy_plugin",
    "unknown",
]


class Frame(Value):
    """One stack frame. Frames are kept in Sentry's order: oldest call first, crashing call last."""

    filename: str | None = None
    abs_path: str | None = None
    module: str | None = None
    function: str | None = None
    line: int | None = None
    column: int | None = None
    in_app: bool | None = None
    package: str | None = None
    context_line: str | None = None
    pre_context: tuple[str, ...] = ()
    post_context: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()


class SentryException(Value):
    """One exception of a chain; `frames` is empty when Sentry has no stack for it."""

    type: str | None = None
    value: str | None = None
    module: str | None = None
    handled: bool | None = None
    frames: tuple[Frame, ...] = ()


class Breadcrumb(Value):
    at: datetime | None = None
    category: str | None = None
    level: str | None = None
    message: str | None = None
    url: str | None = None  # of a request that was made, and the status it was answered with
    status: int | None = None


class SentryEvent(Value):
    """One occurrence. `exceptions` are in Sentry's order: the cause first, the outermost last."""

    event_id: str | None = None
    issue_id: str | None = None
    organization: str | None = None
    project_id: str | None = None
    project: str | None = None  # slug
    title: str = ""
    message: str = ""
    culprit: str = ""
    level: str | None = None
    platform: str | None = None
    logger: str | None = None
    transaction: str | None = None
    environment: str | None = None
    release: str | None = None
    server_name: str | None = None
    occurred_at: datetime | None = None
    received_at: datetime | None = None
    tags: tuple[tuple[str, str], ...] = ()
    exceptions: tuple[SentryException, ...] = ()
    breadcrumbs: tuple[Breadcrumb, ...] = ()
    request_method: str | None = None
    request_url: str | None = None
    trace_id: str | None = None
    span_id: str | None = None
    parent_span_id: str | None = None
    hashes: tuple[str, ...] = ()
    web_url: str | None = None

    def tag(self, name: str) -> str | None:
        return next((value for key, value in self.tags if key == name), None)

    @property
    def frames(self) -> tuple[Frame, ...]:
        """Frames of the outermost exception that has a stack, oldest call first."""
        return next((e.frames for e in reversed(self.exceptions) if e.frames), ())


class SentryIssue(Value):
    """The group an event belongs to, as of when Sentry wrote it."""

    id: str
    short_id: str | None = None
    title: str = ""
    culprit: str = ""
    level: str | None = None
    platform: str | None = None
    status: str | None = None
    substatus: str | None = None
    error_type: str | None = None
    error_value: str | None = None
    organization: str | None = None
    project_id: str | None = None
    project: str | None = None  # slug
    count: int | None = None
    user_count: int | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    assigned_to: str | None = None
    first_release: str | None = None
    web_url: str | None = None


class MetricAlert(Value):
    """A metric alert has no issue and no stack."""

    id: str
    title: str = ""
    description: str = ""
    projects: tuple[str, ...] = ()
    web_url: str | None = None


class Notice(Value):
    """One webhook delivery, understood. `resource` comes from the signed body, never from a header."""

    resource: Resource
    action: str = ""
    installation: str | None = None
    actor: str | None = None
    issue_id: str | None = None
    issue: SentryIssue | None = None
    event: SentryEvent | None = None
    metric_alert: MetricAlert | None = None
    rule: str | None = None  # label of the alert rule or activity that fired
    activity_type: str | None = None  # activity_alert: status_resolved, status_regression, …
    comment_id: str | None = None
