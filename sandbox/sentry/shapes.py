"""A stored event as `/events/latest/` shows it: entries, camelCase, numbered code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

_FRAME_NAMES = {
    "abs_path": "absPath",
    "raw_function": "rawFunction",
    "lineno": "lineNo",
    "colno": "colNo",
    "in_app": "inApp",
    "instruction_addr": "instructionAddr",
    "symbol_addr": "symbolAddr",
}
_FRAME_PLAIN = ("filename", "module", "function", "package", "platform", "symbol", "vars", "trust", "errors")


def api_event(event: Mapping[str, Any], issue_id: str) -> Json:
    """The API's shape of a stored event; one that is in that shape already is left as it is."""
    if "entries" in event:
        return dict(event)
    promoted = {key: event[key] for key in ("level", "environment") if event.get(key)}
    tags = {**promoted, **dict(event.get("tags") or [])}
    return {
        "id": event["event_id"],
        "eventID": event["event_id"],
        "groupID": issue_id,
        "projectID": str(event["project"]),
        "title": event["title"],
        "culprit": event["culprit"],
        "message": event.get("message") or (event.get("logentry") or {}).get("formatted") or "",
        "platform": event["platform"],
        "type": event["type"],
        "location": event.get("location"),
        "metadata": event["metadata"],
        "tags": [{"key": key, "value": value} for key, value in sorted(tags.items())],
        "contexts": event.get("contexts") or {},
        "user": event.get("user"),
        "sdk": event.get("sdk"),
        "release": {"version": event["release"]} if event.get("release") else None,
        "dist": event.get("dist"),
        "occurrence": event.get("occurrence"),
        "fingerprints": event.get("hashes") or [],
        "dateCreated": event["datetime"],
        "dateReceived": event["datetime"],
        "errors": [],
        "entries": _entries(event),
    }


def _entries(event: Mapping[str, Any]) -> list[Json]:
    entries: list[Json] = []
    for kind in ("exception", "threads"):
        if event.get(kind):
            values = [_with_stack(value) for value in event[kind]["values"]]
            entries.append({"type": kind, "data": {"values": values, "hasSystemFrames": False}})
    if event.get("stacktrace"):
        entries.append({"type": "stacktrace", "data": _stacktrace(event["stacktrace"])})
    for kind, entry in (("logentry", "message"), ("request", "request"), ("breadcrumbs", "breadcrumbs")):
        if event.get(kind):
            entries.append({"type": entry, "data": event[kind]})
    return entries


def _with_stack(value: Mapping[str, Any]) -> Json:
    shown = {key: inner for key, inner in value.items() if key not in ("stacktrace", "raw_stacktrace")}
    return {
        **shown,
        "threadId": value.get("thread_id"),
        "stacktrace": _stacktrace(value.get("stacktrace")),
        "rawStacktrace": _stacktrace(value.get("raw_stacktrace")),
    }


def _stacktrace(stack: Mapping[str, Any] | None) -> Json | None:
    if stack is None:
        return None
    frames = [_frame(frame) for frame in stack["frames"]]
    return {"frames": frames, "framesOmitted": None, "registers": None, "hasSystemFrames": False}


def _frame(frame: Mapping[str, Any]) -> Json:
    return {
        **{name: frame.get(name) for name in _FRAME_PLAIN},
        **{shown: frame.get(stored) for stored, shown in _FRAME_NAMES.items()},
        "context": _context(frame),
    }


def _context(frame: Mapping[str, Any]) -> list[list[Any]]:
    if frame.get("lineno") is None or frame.get("context_line") is None:
        return []
    before, after = frame.get("pre_context") or [], frame.get("post_context") or []
    code = [*before, frame["context_line"], *after]
    return [[number, text] for number, text in enumerate(code, start=frame["lineno"] - len(before))]
