"""What Sentry said, read for the report: the error in words, counts, tags, breadcrumbs. Pure."""

from __future__ import annotations

from investigator.models.report import Cause, Crumb, Facts
from investigator.models.sentry import SentryEvent, SentryException, SentryIssue
from investigator.models.service import Service
from investigator.slack_text import clean
from investigator.wording import clip, one_line

TYPE_LIMIT = 120
MESSAGE_LIMIT = 600
CRUMB_LIMIT = 300
CAUSES_KEPT = 20


def facts(event: SentryEvent, issue: SentryIssue, service: Service) -> Facts:
    causes = tuple(_cause(error) for error in reversed(event.exceptions[-CAUSES_KEPT:]))
    error = causes[0] if causes else _without_exception(event, issue)
    return Facts(
        error_type=error.type,
        error_message=error.message,
        causes=causes,
        culprit=_line(event.culprit or issue.culprit or event.transaction),
        service=service.name,
        level=event.level or issue.level,
        environment=event.environment or service.environment,
        release=event.release,
        events=issue.count,
        users=issue.user_count,
        first_seen=issue.first_seen or event.occurred_at,
        last_seen=issue.last_seen,
        request=_line(" ".join(filter(None, (event.request_method, event.request_url)))),
        breadcrumbs=tuple(
            Crumb(
                at=crumb.at,
                category=_line(crumb.category),
                level=_line(crumb.level),
                message=_line(crumb.message),
            )
            for crumb in event.breadcrumbs
        ),
        tags=tuple((_line(key), _line(value)) for key, value in event.tags),
        web_url=event.web_url or issue.web_url,
    )


def _line(text: str | None) -> str:
    return clip(one_line(clean(text or "")), CRUMB_LIMIT)


def _cause(error: SentryException) -> Cause:
    return Cause(
        type=clip(one_line(clean(error.type or "")), TYPE_LIMIT) or "Error",
        message=clip(clean(error.value or "").strip(), MESSAGE_LIMIT),
    )


def _without_exception(event: SentryEvent, issue: SentryIssue) -> Cause:
    """An event that is only a message: what it says is the headline."""
    if not event.message and issue.error_type:
        return _cause(SentryException(type=issue.error_type, value=issue.error_value))
    said = clean(event.message or event.title or issue.title).strip()
    first, _, rest = said.partition("\n")
    headline = clip(one_line(first), TYPE_LIMIT)
    left = rest if headline == one_line(first) else said
    return Cause(type=headline or "Error without a message", message=clip(left.strip(), MESSAGE_LIMIT))
