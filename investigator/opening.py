"""How an incident begins: from an alert, or because a person asked. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from investigator.models.incident import Incident, Run
from investigator.models.issue_state import IssueState
from investigator.models.sentry import Frame, SentryEvent, SentryException, SentryIssue
from investigator.models.service import Service

EVENT_BYTES = 128 * 1024
_NEAREST = 30  # frames nearest the crash: what a report shows and a suspect is judged by
_CHAIN = 5


def new_incident(
    incident_id: str,
    *,
    state: IssueState,
    service: Service,
    event: SentryEvent | None,
    issue: SentryIssue | None,
    at: datetime,
    opened_by: str,
    requested_by: str | None = None,
    channel: str | None = None,
) -> Incident:
    """An incident with its first run requested; what is known of the error comes from event or issue."""
    told, group = event or SentryEvent(), issue or SentryIssue(id=state.issue_id)
    return Incident(
        id=incident_id,
        opened_at=at,
        opened_by=opened_by,
        service=service.name,
        channel=channel or service.channel,
        issue_ids=(state.issue_id,),
        episode=state.episode,
        project=_first(group.project, told.project),
        title=_first(group.title, told.title, told.message) or "Untitled error",
        level=_first(told.level, group.level),
        environment=told.environment,
        web_url=_first(group.web_url, told.web_url),
        short_id=group.short_id,
        last_event_at=at,
        event=bounded(event) if event else None,
        issue=issue,
        runs=(Run(number=1, requested_at=at, requested_by=requested_by),),
    )


def project_of(event: SentryEvent | None, issue: SentryIssue | None) -> str | None:
    """The project's slug; its number where Sentry gave nothing better."""
    told, group = event or SentryEvent(), issue or SentryIssue(id="")
    return _first(group.project, told.project, group.project_id, told.project_id)


def bounded(event: SentryEvent) -> SentryEvent:
    """The event in at most `EVENT_BYTES` of JSON, by leaving out first what is seldom looked at."""
    for reduce in _REDUCTIONS:
        if len(event.model_dump_json()) <= EVENT_BYTES:
            break
        event = reduce(event)
    return event


def _without_far_variables(event: SentryEvent) -> SentryEvent:
    return _far_frames(event, lambda frame: frame.model_copy(update={"variables": ()}))


def _without_far_code(event: SentryEvent) -> SentryEvent:
    bare = {"variables": (), "pre_context": (), "post_context": (), "context_line": None}
    return _far_frames(event, lambda frame: frame.model_copy(update=bare))


def _without_variables(event: SentryEvent) -> SentryEvent:
    return _all_frames(event, lambda frame: frame.model_copy(update={"variables": ()}))


def _short_chain(event: SentryEvent) -> SentryEvent:
    """The outermost exceptions with the frames nearest the crash, and few of everything else."""
    chain = tuple(
        found.model_copy(update={"frames": found.frames[-_NEAREST:]}) for found in event.exceptions[-_CHAIN:]
    )
    return event.model_copy(
        update={"exceptions": chain, "breadcrumbs": event.breadcrumbs[-10:], "tags": event.tags[:30]}
    )


def _narrow_code(event: SentryEvent) -> SentryEvent:
    """One line of code a frame, and no more of a path than a path is long."""

    def narrow(frame: Frame) -> Frame:
        clipped = {
            name: value[-200:]
            for name in ("filename", "abs_path", "module", "function", "package")
            if (value := getattr(frame, name))
        }
        line = frame.context_line[:200] if frame.context_line else None
        return frame.model_copy(
            update={**clipped, "pre_context": (), "post_context": (), "context_line": line}
        )

    return _all_frames(event, narrow)


_REDUCTIONS: tuple[Callable[[SentryEvent], SentryEvent], ...] = (
    _without_far_variables,
    _without_far_code,
    _without_variables,
    _short_chain,
    _narrow_code,
)


def _all_frames(event: SentryEvent, change: Callable[[Frame], Frame]) -> SentryEvent:
    return _each(event, lambda found: tuple(change(frame) for frame in found.frames))


def _far_frames(event: SentryEvent, change: Callable[[Frame], Frame]) -> SentryEvent:
    def changed(found: SentryException) -> tuple[Frame, ...]:
        far = max(0, len(found.frames) - _NEAREST)
        return (*(change(frame) for frame in found.frames[:far]), *found.frames[far:])

    return _each(event, changed)


def _each(event: SentryEvent, frames: Callable[[SentryException], tuple[Frame, ...]]) -> SentryEvent:
    chain = tuple(found.model_copy(update={"frames": frames(found)}) for found in event.exceptions)
    return event.model_copy(update={"exceptions": chain})


def _first(*candidates: str | None) -> str | None:
    return next((candidate for candidate in candidates if candidate), None)
