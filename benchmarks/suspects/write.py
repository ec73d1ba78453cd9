"""`python -m benchmarks.suspects.write DIR [rounds]`: generated cases as files for `pilot eval suspects`.

Writes DIR/cases.jsonl, and beside it a repository for each case. Seeds are fixed: always the same cases.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.suspects.cases import Case, generate
from benchmarks.suspects.dialects import DIALECTS
from investigator.models.sentry import Frame, SentryException

PLATFORMS = {dialect.name: dialect.platform for dialect in DIALECTS}


def write(folder: Path, *, rounds: int = 1) -> Path:
    """The file of cases; each is written as it is generated."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "cases.jsonl"
    with path.open("w") as file:
        for case in generate(folder, rounds=rounds):
            file.write(json.dumps(line(case)) + "\n")
    return path


def line(case: Case) -> dict[str, Any]:
    return {
        "id": case.id,
        "event": payload(case),
        "repo": case.repository.name,
        "base": case.base,
        "head": case.head,
        "truth": {"commits": sorted(case.truth), "no_code_cause": not case.truth},
        "language": case.language,
        "kind": case.kind,
        "group": "held out" if case.held_out else "tuned on",
    }


def payload(case: Case) -> dict[str, Any]:
    """The event as Sentry stores it."""
    event = case.event
    return {
        "event_id": hashlib.md5(case.id.encode()).hexdigest(),
        "platform": PLATFORMS[case.language],
        "level": "error",
        "title": event.title,
        "timestamp": event.occurred_at.timestamp() if event.occurred_at else None,
        "release": case.head,
        "exception": {"values": [_exception(one) for one in event.exceptions]},
    }


def _exception(error: SentryException) -> dict[str, Any]:
    frames = [_frame(frame) for frame in error.frames]
    return {"type": error.type, "value": error.value, "stacktrace": {"frames": frames}}


def _frame(frame: Frame) -> dict[str, Any]:
    return {
        "filename": frame.filename,
        "abs_path": frame.abs_path,
        "function": frame.function,
        "lineno": frame.line,
        "in_app": frame.in_app,
    }


if __name__ == "__main__":
    print(write(Path(sys.argv[1]), rounds=int(sys.argv[2]) if len(sys.argv) > 2 else 1))
