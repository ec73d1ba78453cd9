"""What drivers really say when another system fails, and whether we read out of it which one and how.

`driver_messages.jsonl` was harvested by `benchmarks/driver_messages` (README there), `read_messages.jsonl`
has shapes of drivers that were not run, each with the public thread where it was read.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.driver_messages.shapes import USUAL_PORTS
from investigator.cascade.signals import signals_of
from investigator.models.cascade import Signals
from investigator.models.sentry import Frame, SentryEvent, SentryException

HERE = Path(__file__).parent
SHAPES: list[dict[str, Any]] = [
    json.loads(line)
    for name in ("driver_messages.jsonl", "read_messages.jsonl")
    for line in (HERE / name).read_text().splitlines()
]
KIND_PORTS = {"service": 8080, "host": 7777, "sqlserver": 1433, **USUAL_PORTS}


def read(shape: dict[str, Any], host: str) -> Signals:
    port = KIND_PORTS[shape["target"]["kind"]] if shape["target"] else 8080

    def filled(text: str) -> str:
        return text.replace("<HOST>", host).replace("<PORT>", str(port))

    exceptions = tuple(
        SentryException(
            type=link["type"],
            module=link["module"],
            value=filled(link["value"]),
            frames=tuple(Frame(module=module, in_app=False) for module in link.get("frames", ())),
        )
        for link in shape["chain"]
    )
    return signals_of(SentryEvent(exceptions=exceptions), None)


def is_right(shape: dict[str, Any], signals: Signals, host: str) -> bool:
    target = shape["target"]
    if target is None:
        return not signals.targets and signals.dependent
    wanted = (target["kind"], host if target["name"] else None, target["symptom"])
    return [(one.kind, one.name, one.symptom) for one in signals.targets] == [wanted]


@pytest.mark.parametrize("host", ["10.20.0.7", "ledger-9.prod.example.net"])
@pytest.mark.parametrize("language", ["python", "node", "jvm", "go", "ruby", "dotnet", "proxy"])
def test_95_of_100_messages_tell_kind_name_and_symptom(language: str, host: str) -> None:
    shapes = [shape for shape in SHAPES if shape["language"] == language and "ipv4:" not in json.dumps(shape)]
    wrong = [
        f"{shape['driver']}: {shape['chain'][-1]['value'][:120]!r}: {shape['target']}, not {got.targets}"
        for shape in shapes
        if not is_right(shape, got := read(shape, host), host)
    ]
    assert len(wrong) <= 0.05 * len(shapes), "\n".join(wrong)


def test_there_are_enough_shapes_to_speak_of() -> None:
    assert len(SHAPES) >= 150
