"""Every key in the store, in one place."""

from __future__ import annotations

INBOX = "inbox"
INBOX_GROUP = "triage"
INBOX_DEAD = "inbox:dead"

INCIDENTS = "incidents"
INCIDENT_COUNTER = "incidents:counter"
TRIAGE_LEASE = "triage:lease"


def seen(identity: str) -> str:
    """Set when a delivery of this identity was dealt with."""
    return f"seen:{identity}"


def issue(issue_id: str) -> str:
    return f"issue:{issue_id}"


def incident(incident_id: str) -> str:
    return f"incident:{incident_id}"


def findings(incident_id: str, run: int) -> str:
    return f"incident:{incident_id}:findings:{run}"


def said(key: str) -> str:
    """Where a message with this metadata key was posted."""
    return f"said:{key}"


def incident_counts(incident_id: str) -> str:
    """Counters of an incident that grow with every alert: `events`, and `last`, the newest one's time."""
    return f"incident:{incident_id}:counts"


def thread(channel: str, ts: str) -> str:
    """The incident whose parent message this is."""
    return f"thread:{channel}:{ts}"


def work_lock(incident_id: str) -> str:
    """Held by the one job that may speak in an incident's thread."""
    return f"lock:incident:{incident_id}"


def clock(task: str, slot: int) -> str:
    """Set by the clock that enqueued this task for this slot of time."""
    return f"clock:{task}:{slot}"
