"""What the alerts of one episode told us, kept while its incident can change."""

from __future__ import annotations

from datetime import datetime

from investigator.models.base import Document
from investigator.models.sentry import SentryEvent, SentryIssue


class AlertRecord(Document):
    """`key` is the episode's; `opened_by` is the identity of the delivery that told of it first."""

    key: str
    issue_id: str
    service: str
    received_at: datetime
    opened_by: str
    event: SentryEvent | None = None
    issue: SentryIssue | None = None
