"""How errors are worded: what real drivers said on loopback, and faults of a program's own.

The shapes are the harvest in tests/investigator/cascade (script: benchmarks/driver_messages); `<HOST>` and
`<PORT>` are filled in.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

HARVEST = Path(__file__).parents[2] / "tests" / "investigator" / "cascade"
PORTS = {
    "postgres": 5432,
    "mysql": 3306,
    "redis": 6379,
    "mongodb": 27017,
    "kafka": 9092,
    "rabbitmq": 5672,
    "elasticsearch": 9200,
}


class Link(NamedTuple):
    """One exception of a chain; `frames` are modules of libraries, the crash last."""

    type: str
    value: str
    module: str | None = None
    frames: tuple[str, ...] = ()


Chain = tuple[Link, ...]  # the cause first

CONSEQUENCES: tuple[Chain, ...] = tuple(
    (Link(*row),)
    for row in (
        ("TimeoutError", "timed out"),
        ("AttributeError", "'NoneType' object has no attribute 'get'"),
        ("TypeError", "'NoneType' object is not subscriptable"),
        ("JSONDecodeError", "Expecting value: line 1 column 1 (char 0)", "json.decoder"),
        ("TypeError", "Cannot read properties of undefined (reading 'data')"),
        ("SyntaxError", "Unexpected token '<', \"<html>\n<h\"... is not valid JSON"),
        ("Error", "socket hang up"),
        ("*errors.errorString", "context deadline exceeded"),
        ("SocketTimeoutException", "Read timed out", "java.net"),
        ("NoMethodError", "undefined method `body' for nil"),
    )
)


class Wordings(NamedTuple):
    """By kind of what failed: errors that name it, that tell its kind only, that tell neither."""

    named: dict[str, list[Chain]]
    kind_only: dict[str, list[Chain]]
    nameless: dict[str, list[Chain]]
    own: list[Chain]


@cache
def wordings() -> Wordings:
    shapes = [json.loads(line) for line in (HARVEST / "driver_messages.jsonl").read_text().splitlines()]
    spoken: dict[str, Counter[str]] = {}
    for shape in shapes:
        if shape["target"]:
            spoken.setdefault(shape["driver"], Counter())[shape["target"]["kind"]] += 1
    found = Wordings({}, {}, {}, [])
    for shape in shapes:
        chain = _chain(shape["chain"])
        if shape["target"] is None:
            kinds = spoken.get(shape["driver"], Counter({"service": 1}))
            found.nameless.setdefault(kinds.most_common(1)[0][0], []).append(chain)
        elif shape["target"]["symptom"] not in ("rejected",):
            where = found.named if shape["target"]["name"] else found.kind_only
            where.setdefault(shape["target"]["kind"], []).append(chain)
    for line in (HARVEST / "innocent_messages.txt").read_text().splitlines():
        kind, _, value = line.partition(": ")
        found.own.append((Link(kind, value),))
    return found


def _chain(links: list[dict[str, Any]]) -> Chain:
    return tuple(
        Link(link["type"], link["value"], link.get("module"), tuple(link.get("frames", ()))) for link in links
    )


def filled(chain: Chain, host: str, port: int) -> Chain:
    return tuple(
        link._replace(value=link.value.replace("<HOST>", host).replace("<PORT>", str(port))) for link in chain
    )
