"""How much of an event an incident keeps. Pure."""

from __future__ import annotations

from collections.abc import Callable

from investigator.models.sentry import Frame, SentryEvent, SentryException

EVENT_BYTES = 256 * 1024
_NEAREST = 30  # frames nearest the crash: what a report shows and a suspect is judged by
_CHAIN, _SHORT_CHAIN = 5, 3
_SHORT = 100


def bounded(event: SentryEvent) -> SentryEvent:
    """The event in at most `EVENT_BYTES` of JSON, by leaving out first what is seldom looked at."""
    for reduce in _REDUCTIONS:
        if len(event.model_dump_json().encode()) <= EVENT_BYTES:
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


def _narrow(event: SentryEvent) -> SentryEvent:
    """One line of code a frame, and short words everywhere."""

    def narrow(frame: Frame) -> Frame:
        names = ("filename", "abs_path", "module", "function", "package")
        short = {name: value[-_SHORT:] for name in names if (value := getattr(frame, name))}
        line = frame.context_line[:_SHORT] if frame.context_line else None
        return frame.model_copy(update={**short, "pre_context": (), "post_context": (), "context_line": line})

    chain = tuple(
        found.model_copy(update={"value": found.value and found.value[: 10 * _SHORT]})
        for found in event.exceptions[-_SHORT_CHAIN:]
    )
    return _all_frames(event.model_copy(update={"exceptions": chain}), narrow)


_REDUCTIONS: tuple[Callable[[SentryEvent], SentryEvent], ...] = (
    _without_far_variables,
    _without_far_code,
    _without_variables,
    _short_chain,
    _narrow,
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
