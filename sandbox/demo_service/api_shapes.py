"""The same event and its issue as Sentry's API answers them: camelCase, `entries`, numbered context."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.demo_service.occurrence import PROJECT, PROJECT_ID, Occurrence, iso

_KEPT = ("contexts", "culprit", "dist", "location", "message", "metadata", "platform", "sdk", "title", "type")


def api_event(event: Mapping[str, Any], occurrence: Occurrence) -> dict[str, Any]:
    """What `GET …/issues/{id}/events/latest/` answers for a stored event."""
    return {
        **{name: event[name] for name in _KEPT},
        "id": event["event_id"],
        "eventID": event["event_id"],
        "groupID": event["issue_id"],
        "projectID": str(event["project"]),
        "dateCreated": iso(occurrence.occurred_at),
        "dateReceived": iso(datetime.fromtimestamp(event["received"], UTC)),
        "entries": [_exception_entry(event), _breadcrumbs_entry(event), _request_entry(event)],
        "tags": [{"key": key, "value": value} for key, value in event["tags"]],
        "user": event["user"],
        "release": release(occurrence),
        "fingerprints": event["hashes"],
        "packages": event["modules"],
        "context": event["extra"],
        "errors": [],
        "occurrence": None,
        "crashFile": None,
        "userReport": None,
        "nextEventID": None,
        "previousEventID": None,
        "_meta": {},
    }


def api_issue(event: Mapping[str, Any], occurrence: Occurrence) -> dict[str, Any]:
    """What `GET …/issues/{id}/` answers."""
    scenario = occurrence.scenario
    return {
        "id": scenario.issue_id,
        "shareId": None,
        "shortId": scenario.short_id,
        "title": event["title"],
        "culprit": event["culprit"],
        "permalink": occurrence.issue_web_url,
        "logger": None,
        "level": event["level"],
        "status": "unresolved",
        "statusDetails": {},
        "substatus": "new",
        "isPublic": False,
        "platform": event["platform"],
        "project": {"id": str(PROJECT_ID), "name": PROJECT, "slug": PROJECT, "platform": event["platform"]},
        "type": event["type"],
        "metadata": event["metadata"],
        "numComments": 0,
        "assignedTo": None,
        "issueType": "error",
        "issueCategory": "error",
        "priority": "high",
        "isUnhandled": True,
        "count": str(scenario.events),
        "userCount": scenario.users,
        "firstSeen": iso(occurrence.occurred_at),
        "lastSeen": iso(occurrence.last_seen),
        "firstRelease": release(occurrence),
        "lastRelease": release(occurrence),
        "activity": [],
        "annotations": [],
    }


def release(occurrence: Occurrence) -> dict[str, Any]:
    return {
        "version": occurrence.release,
        "shortVersion": occurrence.release[:12],
        "ref": occurrence.release,
        "projects": [{"id": PROJECT_ID, "slug": PROJECT, "name": PROJECT}],
    }


def _exception_entry(event: Mapping[str, Any]) -> dict[str, Any]:
    values = [
        {
            "type": error["type"],
            "value": error["value"],
            "module": error["module"],
            "mechanism": error["mechanism"],
            "threadId": None,
            "rawStacktrace": None,
            "stacktrace": {
                "frames": [_frame(frame) for frame in error["stacktrace"]["frames"]],
                "framesOmitted": None,
                "registers": None,
                "hasSystemFrames": any(not frame["in_app"] for frame in error["stacktrace"]["frames"]),
            },
        }
        for error in event["exception"]["values"]
    ]
    return {"type": "exception", "data": {"values": values, "hasSystemFrames": True, "excOmitted": None}}


def _frame(frame: Mapping[str, Any]) -> dict[str, Any]:
    lines = [*frame["pre_context"], frame["context_line"], *frame["post_context"]]
    first = frame["lineno"] - len(frame["pre_context"])
    return {
        "filename": frame["filename"],
        "absPath": frame["abs_path"],
        "module": frame["module"],
        "package": None,
        "platform": None,
        "function": frame["function"],
        "rawFunction": None,
        "context": [[first + offset, text] for offset, text in enumerate(lines)],
        "lineNo": frame["lineno"],
        "colNo": None,
        "inApp": frame["in_app"],
        "instructionAddr": None,
        "errors": None,
        "vars": frame["vars"],
    }


def _breadcrumbs_entry(event: Mapping[str, Any]) -> dict[str, Any]:
    values = [
        {**crumb, "timestamp": iso(datetime.fromtimestamp(crumb["timestamp"], UTC)), "data": None}
        for crumb in event["breadcrumbs"]["values"]
    ]
    return {"type": "breadcrumbs", "data": {"values": values}}


def _request_entry(event: Mapping[str, Any]) -> dict[str, Any]:
    request = event["request"]
    data = {
        "url": request["url"],
        "method": request["method"],
        "query": request["query_string"],
        "headers": request["headers"],
        "cookies": request["cookies"],
        "data": request["data"],
        "env": request["env"],
        "fragment": None,
        "inferredContentType": "application/json",
    }
    return {"type": "request", "data": data}
