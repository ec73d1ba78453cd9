"""What `/metrics` tells of this process."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

WEBHOOK_DELIVERIES = Counter(
    "pilot_webhook_deliveries", "Deliveries to the Sentry webhook, by how they were answered.", ["outcome"]
)
WEBHOOK_ACK_SECONDS = Histogram(
    "pilot_webhook_ack_seconds",
    "Time from the first byte of a delivery's body to its answer. Sentry hangs up after one second.",
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.4, 0.6, 0.8, 0.9, 1.0, 2.5),
)
SPOOL_DELIVERIES = Gauge(
    "pilot_spool_deliveries", "Deliveries on the local disk that the store has not taken yet."
)
INBOX_OLDEST_SECONDS = Gauge(
    "pilot_inbox_oldest_seconds",
    "Age of the oldest delivery that triage has not finished; 0 when there is none.",
)
