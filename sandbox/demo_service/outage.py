"""Who else fails when the demo's service does: the callers of checkout, as Sentry would report them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from sandbox.demo_service.occurrence import ENVIRONMENT, iso

HERE = Path(__file__).parent
_FIRST_ISSUE, _FIRST_PROJECT = 5_904_218_000, 4_507_121_000


@dataclass(frozen=True, slots=True)
class Failure:
    """One error of a caller. `after` is seconds after checkout's own first error."""

    number: int
    after: float
    service: str
    project: Mapping[str, Any]
    type: str
    value: str
    module: str
    function: str

    @property
    def shared(self) -> dict[str, Any]:
        """What the issue and its event have in common."""
        return {
            "title": f"{self.type}: {self.value}"[:200],
            "culprit": f"{self.module} in {self.function}",
            "level": "error",
            "platform": self.project["platform"],
            "metadata": {"type": self.type, "value": self.value, "function": self.function},
        }


@dataclass(frozen=True, slots=True)
class Report:
    """An issue in API shape and its first event as it is stored."""

    issue: Mapping[str, Any]
    event: Mapping[str, Any]


def failures() -> list[Failure]:
    """What outage.yml tells, in the order of time."""
    document = yaml.safe_load((HERE / "outage.yml").read_text(encoding="utf-8"))
    projects = {
        name: {"id": str(_FIRST_PROJECT + place), "name": name, "slug": name, **about}
        for place, (name, about) in enumerate(document["services"].items())
    }
    return [
        Failure(number=number, project=projects[told["service"]], **told)
        for number, told in enumerate(document["failures"])
    ]


def report(failure: Failure, began: datetime) -> Report:
    """What Sentry has of it if checkout began to fail at `began`."""
    at = (began + timedelta(seconds=failure.after)).astimezone(UTC)
    issue_id = str(_FIRST_ISSUE + 7 * failure.number)
    issue = {
        **failure.shared,
        "id": issue_id,
        "shortId": f"{failure.service.upper()}-{failure.number + 4}",
        "project": failure.project,
        "firstSeen": iso(at),
        "lastSeen": iso(at),
        "count": "1",
        "userCount": 1,
    }
    return Report(issue, _event(failure, issue_id, at))


def _event(failure: Failure, issue_id: str, at: datetime) -> dict[str, Any]:
    frame = {
        "module": failure.module,
        "filename": failure.module.replace(".", "/"),
        "function": failure.function,
        "lineno": 10 + failure.number,
        "in_app": True,
    }
    exception = {
        "type": failure.type,
        "value": failure.value,
        "stacktrace": {"frames": [frame]},
        "mechanism": {"type": "generic", "handled": False},
    }
    return {
        **failure.shared,
        "event_id": hashlib.sha256(f"{issue_id} {iso(at)}".encode()).hexdigest()[:32],
        "issue_id": issue_id,
        "project": int(failure.project["id"]),
        "type": "error",
        "message": "",
        "environment": ENVIRONMENT,
        "datetime": iso(at),
        "timestamp": at.timestamp(),
        "tags": [["environment", ENVIRONMENT], ["level", "error"]],
        "exception": {"values": [exception]},
    }
