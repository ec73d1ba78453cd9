"""When a write counts as safe: what `PILOT_DURABILITY` says and how the store confirms it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_REPLICATED = re.compile(r"replicated:([1-9][0-9]?)")


@dataclass(frozen=True, slots=True)
class Durability:
    """`replicas` that must have fsynced a write besides the primary; 0 relies on `appendfsync always`.

    A confirmation survives every fail-over only when it came from every replica that may be promoted.
    """

    replicas: int = 0


LOCAL = Durability()


def parse_durability(text: str) -> Durability:
    """`local`, or `replicated:N`.

    Raises:
        ValueError: with what to write instead.
    """
    if text == "local":
        return LOCAL
    if found := _REPLICATED.fullmatch(text):
        return Durability(replicas=int(found[1]))
    raise ValueError(
        f"{text!r} is not a durability: write `local`, or `replicated:N` with N the number of replicas "
        "that may be promoted"
    )
