"""One occurrence of an error: webhook shape, API shape (`entries[]`) and the shape of very old clients."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from investigator.models.sentry import Breadcrumb, SentryEvent
from investigator.sentry import limits
from investigator.sentry.coerce import (
    Object,
    identifier,
    line,
    link,
    mapping,
    moment,
    pick,
    sequence,
    text,
    walk,
    whole,
)
from investigator.sentry.exceptions import parse_exceptions, values
from investigator.sentry.links import whereabouts

Pairs = tuple[tuple[str, str], ...]

_LEGACY_INTERFACES = {
    "exception": "sentry.interfaces.Exception",
    "stacktrace": "sentry.interfaces.Stacktrace",
    "logentry": "sentry.interfaces.Message",
    "request": "sentry.interfaces.Http",
    "breadcrumbs": "sentry.interfaces.Breadcrumbs",
}


def parse_event(data: Object) -> SentryEvent:
    """Read an event of any shape. What is missing or of a wrong type is None, empty or left out."""
    interfaces = _interfaces(data)
    tags = _tags(data.get("tags"))
    message = _message(data, interfaces)
    exceptions = parse_exceptions(
        interfaces.get("exception"), interfaces.get("threads"), interfaces.get("stacktrace"), message
    )
    found = whereabouts(*(data.get(name) for name in ("issue_url", "url", "web_url")))
    trace = mapping(walk(data, "contexts", "trace"))
    request = mapping(interfaces.get("request"))

    def short(*names: str, tag: str | None = None) -> str | None:
        """The field, else the tag of that name: which of the two it is differs between clients."""
        return text(pick(data, *names)) or next((value for key, value in tags if key == tag), None)

    return SentryEvent(
        event_id=identifier(pick(data, "event_id", "eventID", "id")),
        issue_id=identifier(pick(data, "issue_id", "groupID", "group_id")) or found.issue_id,
        organization=identifier(data.get("organization")) or found.organization,
        project_id=_project_id(data),
        project=_project_slug(data) or found.project,
        title=_title(data, message),
        message=message,
        culprit=line(data.get("culprit"), limits.PATH),
        level=short("level", tag="level"),
        platform=short("platform"),
        logger=short("logger", tag="logger"),
        transaction=short("transaction", tag="transaction"),
        environment=short("environment", tag="environment"),
        release=_release(data, tags),
        server_name=short("server_name", "serverName", tag="server_name"),
        occurred_at=_first_moment(data, "timestamp", "datetime", "dateCreated"),
        received_at=_first_moment(data, "received", "dateReceived"),
        tags=tags,
        exceptions=exceptions,
        breadcrumbs=_breadcrumbs(interfaces.get("breadcrumbs")),
        request_method=text(request.get("method"), limits.IDENTIFIER),
        request_url=text(request.get("url"), limits.URL),
        trace_id=identifier(trace.get("trace_id")),
        span_id=identifier(trace.get("span_id")),
        parent_span_id=identifier(trace.get("parent_span_id")),
        hashes=_hashes(pick(data, "hashes", "fingerprints")),
        web_url=link(pick(data, "web_url", "permalink")),
    )


def event_headline(data: Object) -> SentryEvent:
    """Which event it is, of which issue and project, and when it happened; nothing else is read."""
    found = whereabouts(*(data.get(name) for name in ("issue_url", "url", "web_url")))
    return SentryEvent(
        event_id=identifier(pick(data, "event_id", "eventID", "id")),
        issue_id=identifier(pick(data, "issue_id", "groupID", "group_id")) or found.issue_id,
        project_id=_project_id(data),
        project=_project_slug(data) or found.project,
        occurred_at=_first_moment(data, "timestamp", "datetime", "dateCreated"),
        received_at=_first_moment(data, "received", "dateReceived"),
    )


def _interfaces(data: Object) -> dict[str, object]:
    """Every interface under its present name, whether top-level, legacy or an entry of the API."""
    entries = [entry for entry in sequence(data.get("entries")) if isinstance(entry, Mapping)]
    found: dict[str, object] = {line(entry.get("type")): entry.get("data") for entry in entries}
    found["logentry"] = found.pop("message", None)
    for name in (*_LEGACY_INTERFACES, "threads"):
        top = pick(data, name, _LEGACY_INTERFACES.get(name, name))
        if top is not None:
            found[name] = top
    return found


def _message(data: Object, interfaces: Object) -> str:
    logged = interfaces.get("logentry")
    occurrence = mapping(data.get("occurrence"))
    candidates = (
        data.get("message"),
        walk(logged, "formatted"),
        walk(logged, "message"),
        logged if isinstance(logged, str) else None,
        occurrence.get("subtitle"),
        walk(data, "contexts", "feedback", "message"),
    )
    return next((found for raw in candidates if (found := text(raw, limits.MESSAGE))), "")


def _title(data: Object, message: str) -> str:
    metadata, occurrence = mapping(data.get("metadata")), mapping(data.get("occurrence"))
    candidates = (
        data.get("title"),
        pick(occurrence, "issue_title", "issueTitle"),
        metadata.get("title"),
        ": ".join(part for name in ("type", "value") if (part := text(metadata.get(name), limits.TITLE))),
        message.partition("\n")[0],
    )
    return next((found for raw in candidates if (found := text(raw, limits.TITLE))), "")


def _project_id(data: Object) -> str | None:
    project = data.get("project")
    raw = pick(data, "project_id", "projectID", "projectId") or walk(project, "id") or project
    found = identifier(raw)
    return found if found and found.isdecimal() else None


def _project_slug(data: Object) -> str | None:
    project = data.get("project")
    found = identifier(pick(data, "project_slug", "projectSlug") or walk(project, "slug") or project)
    return None if found is None or found.isdecimal() else found


def _release(data: Object, tags: Pairs) -> str | None:
    """A text in webhooks, an object in the API; an object without a version is no release."""
    value = data.get("release")
    version = walk(value, "version") if isinstance(value, Mapping) else value
    return text(version) or next((value for key, value in tags if key in ("release", "sentry:release")), None)


def _first_moment(data: Object, *names: str) -> datetime | None:
    return next((at for name in names if (at := moment(data.get(name)))), None)


def _tags(data: object) -> Pairs:
    """Tags as pairs, from pairs, `{key, value}` objects or one object; those without a value are left out."""
    raw = list(data.items()) if isinstance(data, Mapping) else [_pair(tag) for tag in sequence(data)]
    read = [(text(key), text(value)) for key, value in raw[: limits.TAGS]]
    return tuple((key, value) for key, value in read if key and value)


def _pair(tag: object) -> tuple[object, object]:
    if isinstance(tag, Mapping):
        return tag.get("key"), tag.get("value")
    both = sequence(tag)
    return (both[0], both[1]) if len(both) == 2 else (None, None)


def _breadcrumbs(interface: object) -> tuple[Breadcrumb, ...]:
    return tuple(
        Breadcrumb(
            at=moment(crumb.get("timestamp")),
            category=text(pick(crumb, "category", "type")),
            level=text(crumb.get("level")),
            message=text(crumb.get("message"), limits.BREADCRUMB),
            url=text(walk(crumb, "data", "url"), limits.URL),
            status=whole(walk(crumb, "data", "status_code")),
        )
        for crumb in values(interface)[-limits.BREADCRUMBS :]
    )


def _hashes(data: object) -> tuple[str, ...]:
    found = (identifier(value) for value in sequence(data)[: limits.HASHES])
    return tuple(value for value in found if value)
