"""What one exception (or log line) of an event says, cut to a length that every pattern can afford. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from investigator.models.sentry import Frame, SentryEvent, SentryException, SentryIssue

_HEAD, _TAIL = 4_000, 1_000  # characters: drivers name the other side early, and the reason often last
_FRAMES = 12  # nearest the crash: which library raised
_EXCEPTIONS = 20


class Said(NamedTuple):
    """`origin` is who speaks: the exception's module and type. `text` has type and message on one line.
    `stack` has the modules and files nearest the crash, one a line.
    """

    origin: str
    text: str
    stack: str = ""


def sayings(event: SentryEvent | None, issue: SentryIssue | None) -> Iterator[Said]:
    """The cause first, the outermost last; the log line of an event that has no exception.

    Of an issue without event only its title is known.
    """
    if event is None:
        if issue is not None:
            yield _line(issue.error_type, issue.error_value or issue.title)
        return
    for exception in event.exceptions[:_EXCEPTIONS]:
        yield _of_exception(exception)
    if not any(exception.value or exception.type for exception in event.exceptions):
        yield _line(None, event.message or event.title)


def cut(text: str) -> str:
    return text if len(text) <= _HEAD + _TAIL else f"{text[:_HEAD]} … {text[-_TAIL:]}"


def _of_exception(exception: SentryException) -> Said:
    said = _line(exception.type, exception.value)
    stack = "\n".join(_place(frame) for frame in exception.frames[-_FRAMES:])
    return said._replace(origin=f"{exception.module or ''}.{exception.type or ''}", stack=stack)


def _line(kind: str | None, message: str | None) -> Said:
    return Said(origin=kind or "", text=cut(": ".join(part for part in (kind, message) if part)))


def _place(frame: Frame) -> str:
    return " ".join(part[-200:] for part in (frame.module, frame.filename, frame.abs_path) if part)
