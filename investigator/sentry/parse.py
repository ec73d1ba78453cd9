"""Everything that reads what Sentry wrote: import from here.

`parse_notice` is for webhook bodies, `parse_event` and `parse_issue` for parts of them and for answers of the
API, `parse_any` for a file somebody saved. All accept any JSON: fields of a wrong type count as missing.
"""

from __future__ import annotations

from collections.abc import Mapping

from investigator.errors import BadPayload
from investigator.models.sentry import SentryEvent, SentryIssue
from investigator.sentry.body import read_object
from investigator.sentry.coerce import Object
from investigator.sentry.event import parse_event
from investigator.sentry.issue import parse_issue
from investigator.sentry.notice import notice_from, parse_headline, parse_notice

__all__ = ["parse_any", "parse_event", "parse_headline", "parse_issue", "parse_notice", "read_object"]

_EXPECTED = (
    "expected the JSON of one Sentry event or issue: a webhook body, a recorded delivery "
    '({"received_at", "headers", "body"}), or what the API answers for /events/latest/ or for an issue'
)
_EVENT_KEYS = ("event_id", "eventID", "entries", "exception", "logentry", "stacktrace", "threads")
_ISSUE_KEYS = ("shortId", "permalink", "firstSeen", "lastSeen", "userCount")


def parse_any(payload: object) -> tuple[SentryEvent | None, SentryIssue | None]:
    """Find the event, the issue or both in any body Sentry could have written.

    Raises:
        BadPayload: there is neither; the text says what was expected and what was found instead.
    """
    body = _unwrap(payload)
    if any(key in body for key in _EVENT_KEYS):
        return parse_event(body), None
    if "data" in body or isinstance(body.get("event"), Mapping):
        notice = notice_from(body)
        if notice.event or notice.issue:
            return notice.event, notice.issue
        if notice.resource != "unknown":
            raise BadPayload(
                f"a webhook of kind {notice.resource} brings neither event nor issue; {_EXPECTED}"
            )
    if "id" in body and any(key in body for key in _ISSUE_KEYS):
        return None, parse_issue(body)
    listed = ", ".join(sorted(map(str, body))[:8])
    found = f"top-level keys: {listed[:200]!a}" if body else "it has no keys at all"
    raise BadPayload(f"neither event nor issue found ({found}); {_EXPECTED}")


def _unwrap(payload: object) -> Object:
    """The body of a recorded delivery, or the payload itself."""
    if not isinstance(payload, Mapping):
        raise BadPayload(f"not a JSON object; {_EXPECTED}")
    if "body" not in payload or not ("headers" in payload or "received_at" in payload):
        return payload
    body = payload["body"]
    if isinstance(body, str):
        return read_object(body.encode("utf-8", "surrogatepass"))
    if not isinstance(body, Mapping):
        raise BadPayload(f"the `body` of this recorded delivery is not a JSON object; {_EXPECTED}")
    return body
