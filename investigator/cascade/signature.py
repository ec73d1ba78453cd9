"""One text for all errors of one kind: type, message without its particulars, top frames of ours. Pure."""

from __future__ import annotations

import re

from investigator.cascade.said import cut
from investigator.models.sentry import Frame, SentryEvent, SentryIssue

_FRAMES = 3
_LONGEST = 400
_PARTICULARS = (
    (re.compile(r"[a-z][a-z0-9+]{1,20}://[^\s'\"<>]{1,2000}", re.IGNORECASE), "<url>"),
    (re.compile(r"'[^'\n]{0,300}'|\"[^\"\n]{0,300}\"|`[^`\n]{0,300}`"), "<quoted>"),
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE), "<id>"),
    (re.compile(r"\b0x[0-9a-f]{1,40}\b|\b(?=[a-f]{0,40}[0-9])[0-9a-f]{8,64}\b", re.IGNORECASE), "<hex>"),
    (re.compile(r"\b[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){1,8}:[0-9]{1,5}\b"), "<host>"),
    (re.compile(r"\b[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){2,8}\b"), "<host>"),
    (re.compile(r"\b[a-z][a-z0-9-]{0,62}:[0-9]{2,5}\b"), "<host>"),
    (re.compile(r"[0-9]{1,40}(?:\.[0-9]{1,40})?"), "<n>"),
    (re.compile(r"\s{1,200}"), " "),
)


def signature_of(event: SentryEvent | None, issue: SentryIssue | None) -> str:
    """Empty when nothing is known of the error."""
    if event is not None and event.exceptions:
        last = event.exceptions[-1]
        said, frames = (last.type, last.value), event.frames
    elif event is not None:
        said, frames = (None, event.message or event.title), ()
    elif issue is not None:
        said, frames = (issue.error_type, issue.error_value or issue.title), ()
    else:
        return ""
    parts = [part for part in (said[0], normalised(said[1] or ""), *_places(frames)) if part]
    return " | ".join(parts)


def normalised(message: str) -> str:
    text = cut(message)
    for pattern, name in _PARTICULARS:
        text = pattern.sub(name, text)
    return text.strip()[:_LONGEST]


def _places(frames: tuple[Frame, ...]) -> list[str]:
    ours = [frame for frame in frames if frame.in_app] or list(frames)
    return [f"{(f.module or f.filename or '')[-100:]}:{(f.function or '')[:100]}" for f in ours[-_FRAMES:]]
