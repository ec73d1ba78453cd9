"""The processes of the program, one command each."""

from __future__ import annotations

ROLES = {
    "web": "Accept webhooks from Sentry and requests from Slack.",
    "triage": "Read the inbox and open incidents; several may run, one is active.",
    "worker": "Run investigations.",
    "clock": "Start what happens without anybody asking.",
}
