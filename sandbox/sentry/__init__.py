"""A small Sentry: the API the bot asks, and webhooks signed and shaped as Sentry sends them."""

from sandbox.sentry.server import SentrySandbox
from sandbox.sentry.webhooks import (
    Sender,
    webhook_activity_alert,
    webhook_comment,
    webhook_error,
    webhook_event_alert,
    webhook_issue,
    webhook_metric_alert,
)

__all__ = [
    "Sender",
    "SentrySandbox",
    "webhook_activity_alert",
    "webhook_comment",
    "webhook_error",
    "webhook_event_alert",
    "webhook_issue",
    "webhook_metric_alert",
]
