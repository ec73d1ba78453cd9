"""What is sent to Slack: notification text and Block Kit."""

from __future__ import annotations

from typing import Any

from investigator.models.base import Value


class Message(Value):
    """`text` is read by notifications and screen readers; `blocks` are Block Kit objects as JSON values."""

    text: str
    blocks: tuple[dict[str, Any], ...] = ()
