"""What is kept of a mute."""

from __future__ import annotations

from datetime import datetime

from investigator.models.base import Document


class Mute(Document):
    """Until then, alerts of `subject` are counted, and nothing is posted or investigated because of them.

    `subject` is `service:<name>` or `issue:<id>`; `label` is what people call it.
    """

    subject: str
    label: str
    service: str
    by: str  # Slack user id
    at: datetime
    until: datetime
    reason: str = ""
