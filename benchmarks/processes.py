"""What the children of this process, and theirs, hold of the machine, read from /proc."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Held:
    """`memory` is resident, in MB: pages that processes share count for each of them."""

    pid: int
    parent: int
    command: str
    memory: float
    descriptors: int
    threads: int


def descendants() -> list[Held]:
    """All processes below this one, parents before their children."""
    by_parent: dict[int, list[Held]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (held := _held(entry)):
            by_parent.setdefault(held.parent, []).append(held)
    found = list(by_parent.get(os.getpid(), ()))
    for held in found:
        found += by_parent.get(held.pid, ())
    return found


def _held(entry: Path) -> Held | None:
    """None when it ended meanwhile, or is not ours to look into."""
    try:
        words = (entry / "stat").read_text().rpartition(")")[2].split()
        return Held(
            pid=int(entry.name),
            parent=int(words[1]),
            command=(entry / "cmdline").read_text().replace("\0", " ").strip(),
            memory=int(words[21]) * _PAGE / 1e6,
            descriptors=len(list((entry / "fd").iterdir())),
            threads=int(words[17]),
        )
    except OSError:
        return None
