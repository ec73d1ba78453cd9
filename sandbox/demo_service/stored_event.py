"""The event as Sentry stores it and sends it with an issue alert: snake_case, tags as pairs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.demo_service.occurrence import (
    ENVIRONMENT,
    ORGANIZATION,
    PROJECT,
    PROJECT_ID,
    RUNTIME,
    SDK,
    SERVER_NAME,
    Occurrence,
    iso,
)

_APP_ROOT = "/srv/app/"


def stored_event(occurrence: Occurrence, report: Mapping[str, Any]) -> dict[str, Any]:
    """`report` is what raise_and_report.py printed."""
    exceptions = _exceptions(report["exceptions"])
    crash = exceptions[-1]["stacktrace"]["frames"][-1]
    failure = {"type": exceptions[-1]["type"], "value": exceptions[-1]["value"]}
    timestamp = occurrence.occurred_at.timestamp()
    return {
        "event_id": occurrence.event_id,
        "issue_id": occurrence.scenario.issue_id,
        "project": PROJECT_ID,
        "release": occurrence.release,
        "dist": None,
        "environment": ENVIRONMENT,
        "platform": "python",
        "type": "error",
        "level": "error",
        "logger": "",
        "message": "",
        "title": f"{failure['type']}: {failure['value']}",
        "culprit": occurrence.transaction,
        "transaction": occurrence.transaction,
        "location": crash["filename"],
        "metadata": {**failure, "filename": crash["filename"], "function": crash["function"]},
        "datetime": iso(occurrence.occurred_at),
        "timestamp": timestamp,
        "received": timestamp + 0.4,
        "exception": {"values": exceptions},
        "breadcrumbs": {"values": _breadcrumbs(report["breadcrumbs"], timestamp)},
        "request": _request(occurrence),
        "contexts": _contexts(occurrence),
        "tags": _tags(occurrence),
        "extra": {},
        "fingerprint": ["{{ default }}"],
        "hashes": [_grouping(exceptions)],
        "sdk": SDK,
        "modules": {"gunicorn": "23.0.0", "sentry-sdk": SDK["version"]},
        "user": None,
        "version": "7",
        "_meta": {},
        **_links(occurrence),
    }


def _links(occurrence: Occurrence) -> dict[str, str]:
    project = f"{occurrence.sentry_url}/api/0/projects/{ORGANIZATION}/{PROJECT}"
    return {
        "url": f"{project}/events/{occurrence.event_id}/",
        "web_url": f"{occurrence.issue_web_url}events/{occurrence.event_id}/",
        "issue_url": occurrence.issue_api_url,
    }


def _exceptions(described: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Cause first, outermost last; Sentry numbers them from the outermost."""
    outermost = len(described) - 1
    return [
        {
            "type": error["type"],
            "module": error["module"],
            "value": error["value"],
            "mechanism": _mechanism(outermost - position),
            "stacktrace": {"frames": [_frame(frame) for frame in error["frames"]]},
            "raw_stacktrace": None,
        }
        for position, error in enumerate(described)
    ]


def _mechanism(exception_id: int) -> dict[str, Any]:
    if exception_id == 0:
        return {"type": "wsgi", "handled": False, "exception_id": 0}
    chained = {"type": "chained", "source": "__cause__"}
    return {**chained, "handled": False, "exception_id": exception_id, "parent_id": exception_id - 1}


def _frame(frame: Mapping[str, Any]) -> dict[str, Any]:
    path: str = frame["path"]
    filename = path.removeprefix(_APP_ROOT) if frame["in_app"] else path.rpartition("/")[2]
    return {
        "filename": filename,
        "abs_path": path,
        "module": frame["module"],
        "function": frame["function"],
        "raw_function": None,
        "lineno": frame["line"],
        "colno": None,
        "in_app": frame["in_app"],
        "pre_context": frame["pre_context"],
        "context_line": frame["context_line"],
        "post_context": frame["post_context"],
        "vars": frame["vars"],
        "package": None,
        "instruction_addr": None,
    }


def _breadcrumbs(crumbs: Sequence[Mapping[str, Any]], raised_at: float) -> list[dict[str, Any]]:
    return [
        {
            "type": "log",
            "category": crumb["category"],
            "level": crumb["level"],
            "message": crumb["message"],
            "timestamp": round(raised_at - crumb["age"], 6),
        }
        for crumb in crumbs
    ]


def _request(occurrence: Occurrence) -> dict[str, Any]:
    return {
        "url": occurrence.request_url,
        "method": occurrence.scenario.method,
        "query_string": [],
        "headers": [
            ["Content-Type", "application/json"],
            ["Host", "checkout.acme.example"],
            ["User-Agent", "acme-shop-web/412"],
        ],
        "cookies": [],
        "data": dict(occurrence.scenario.document),
        "env": {"SERVER_NAME": SERVER_NAME, "SERVER_PORT": "8000"},
    }


def _contexts(occurrence: Occurrence) -> dict[str, Any]:
    return {
        "runtime": {"type": "runtime", **RUNTIME},
        "trace": {
            "type": "trace",
            "op": "http.server",
            "status": "internal_error",
            "trace_id": occurrence.trace_id,
            "span_id": occurrence.span_id,
        },
    }


def _tags(occurrence: Occurrence) -> list[list[str]]:
    tags = {
        "environment": ENVIRONMENT,
        "handled": "no",
        "level": "error",
        "mechanism": "wsgi",
        "release": occurrence.release,
        "runtime": f"{RUNTIME['name']} {RUNTIME['version']}",
        "runtime.name": RUNTIME["name"],
        "server_name": SERVER_NAME,
        "transaction": occurrence.transaction,
        "url": occurrence.request_url,
    }
    return [[name, value] for name, value in tags.items()]


def _grouping(exceptions: Sequence[Mapping[str, Any]]) -> str:
    parts = [error["type"] for error in exceptions]
    parts += [frame["function"] for error in exceptions for frame in error["stacktrace"]["frames"]]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
