"""A stream as Sentry would have delivered it: webhook bodies with headers, in the order of their receipt."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from benchmarks.cascades.settings import Setting
from benchmarks.cascades.simulation import Error, Stream
from benchmarks.cascades.tracing import Trace

Json = dict[str, Any]

ORGANIZATION = "acme"
_FUNCTIONS = ("handle", "process", "load", "execute", "run", "apply", "dispatch", "fetch_all")


def deliveries(
    rng: random.Random, setting: Setting, stream: Stream, traces: Mapping[str, Trace]
) -> list[Json]:
    """Lines of a recording for `pilot replay`; some news comes twice, late, or once a rule.

    `traces` are of the first events of issues; later ones are of other requests.
    """
    found: list[tuple[datetime, Json, Json]] = []
    for error in stream.errors:
        received = error.seen + timedelta(seconds=rng.uniform(0.2, 4))
        if rng.random() < setting.late:
            received += timedelta(seconds=rng.uniform(30, 400))
        first = rng.random()
        bodies = []
        if first < 0.7:
            body = event_alert(rng, error, error.at, traces.get(error.issue_id))
            bodies.append(("event_alert", body, received))
        if first >= 0.5:
            away = timedelta(seconds=rng.uniform(-1.5, 2)) if bodies else timedelta(0)
            bodies.append(("issue", issue_created(error), received + away))
        if rng.random() < setting.refire:
            for number in range(1, rng.randint(2, 4)):
                later = timedelta(seconds=rng.uniform(20, 90) * number)
                bodies.append(("event_alert", event_alert(rng, error, error.at + later), received + later))
        for resource, body, at in bodies:
            key = hashlib.sha256(rng.randbytes(16)).hexdigest()[:32]
            headers = {"Sentry-Hook-Resource": resource, "Idempotency-Key": key}
            found.append((at, headers, body))
            if rng.random() < setting.duplicate:
                found.append((at + timedelta(seconds=rng.uniform(0.1, 30)), headers, body))
    found.sort(key=lambda each: each[0])
    return [{"received_at": _iso(at), "headers": headers, "body": body} for at, headers, body in found]


def event_alert(rng: random.Random, error: Error, at: datetime, trace: Trace | None = None) -> Json:
    """`trace` is drawn where none is given."""
    last = error.chain[-1]
    title = _title(error)
    project = _project_id(error.service)
    base = f"https://sentry.io/api/0/projects/{ORGANIZATION}/{error.service}/events"
    event_id = hashlib.md5(f"{error.issue_id} {at}".encode()).hexdigest()
    own = Trace(rng.randbytes(16).hex(), rng.randbytes(8).hex())
    event = {
        "event_id": event_id,
        "project": project,
        "issue_id": error.issue_id,
        "platform": "python",
        "type": "error",
        "level": "error",
        "title": title,
        "message": "",
        "culprit": f"{error.service}.views in handle",
        "environment": "production",
        "release": error.release,
        "datetime": _iso(at),
        "timestamp": at.timestamp(),
        "received": error.seen.timestamp() + (at - error.at).total_seconds(),
        "metadata": {"type": last.type, "value": last.value},
        "tags": [["environment", "production"], ["level", "error"], ["release", error.release]],
        "exception": {
            "values": [
                {
                    "type": link.type,
                    "value": link.value,
                    "module": link.module,
                    "mechanism": {"type": "generic", "handled": False},
                    "stacktrace": {"frames": [*_frames(error), *map(_library, link.frames)]},
                }
                for link in error.chain
            ]
        },
        "contexts": {"trace": (trace or own)._asdict()},
        "url": f"{base}/{event_id}/",
        "web_url": f"https://sentry.io/organizations/{ORGANIZATION}/issues/{error.issue_id}/events/{event_id}/",
        "issue_url": f"https://sentry.io/api/0/organizations/{ORGANIZATION}/issues/{error.issue_id}/",
    }
    return _envelope("triggered", {"event": event, "triggered_rule": "A new issue is created"}, "sentry")


def issue_created(error: Error) -> Json:
    seen = _iso(error.at)
    issue = {
        "id": error.issue_id,
        "shortId": f"{error.service.upper()}-{error.issue_id[-3:]}",
        "title": _title(error),
        "culprit": f"{error.service}.views in handle",
        "level": "error",
        "status": "unresolved",
        "substatus": "new",
        "platform": "python",
        "type": "error",
        "metadata": {
            "type": error.chain[-1].type,
            "value": error.chain[-1].value[:512],
            "function": "handle",
        },
        "firstSeen": seen,
        "lastSeen": seen,
        "count": "1",
        "userCount": 0,
        "project": {
            "id": str(_project_id(error.service)),
            "slug": error.service,
            "name": error.service,
            "platform": "python",
        },
        "url": f"https://sentry.io/api/0/organizations/{ORGANIZATION}/issues/{error.issue_id}/",
        "web_url": f"https://sentry.io/organizations/{ORGANIZATION}/issues/{error.issue_id}/",
    }
    return _envelope("created", {"issue": issue}, "sentry")


def _envelope(action: str, data: Json, actor: str) -> Json:
    return {
        "action": action,
        "installation": {"uuid": "65027794-169a-4042-80d0-808ece377141"},
        "data": data,
        "actor": {"type": "application", "id": actor, "name": "Sentry"},
    }


def _title(error: Error) -> str:
    last = error.chain[-1]
    return f"{last.type}: {last.value}"[:200] if last.value else last.type


def _library(module: str) -> Json:
    return {"module": module, "filename": module, "function": "call", "lineno": 1, "in_app": False}


def _frames(error: Error) -> list[Json]:
    package = error.service.replace("-", "_")
    digest = hashlib.md5(f"{error.service} {error.chain[-1]}".encode()).digest()
    names = ("views", "service", "tasks")
    return [
        {
            "filename": f"{package}/{name}.py",
            "abs_path": f"/srv/{package}/{name}.py",
            "module": f"{package}.{name}",
            "function": _FUNCTIONS[byte % len(_FUNCTIONS)],
            "lineno": byte + 1,
            "in_app": True,
            "context_line": "    result = step(request)",
            "pre_context": [],
            "post_context": [],
            "vars": {},
        }
        for name, byte in zip(names, digest, strict=False)
    ]


def _project_id(service: str) -> int:
    return 4_500_000_000 + int(hashlib.md5(service.encode()).hexdigest()[:6], 16)


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")
