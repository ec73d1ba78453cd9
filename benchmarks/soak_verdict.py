"""Whether something grew, from samples over time. Pure."""

from __future__ import annotations

import os
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.processes import Held
from benchmarks.tables import Table

WARM_UP = 0.1  # of the time, left out: caches fill, modules load, pools open
STORE = "store"
STAYS = 0.5  # who is in as many of the samples is no passing job
RULE = (
    "flat: the last third's median is at most 3 % + 2 MB of memory, 2 descriptors, 1 thread or 50 entries "
    "above the first third's; the first tenth of the time is left out"
)


@dataclass(frozen=True, slots=True)
class Sample:
    at: float  # monotonic seconds
    held: Held


@dataclass(frozen=True, slots=True)
class StoreSample:
    """`memory` and `disk` (all of the data directory) in MB; streams in entries."""

    at: float
    memory: float
    keys: int
    incidents: int
    inbox: int
    other_streams: int
    disk: float


@dataclass(frozen=True, slots=True)
class Limit:
    """How far the last third's median may be above the first's."""

    share: float
    margin: float


MEMORY, DESCRIPTORS, THREADS, ENTRIES = Limit(0.03, 2), Limit(0, 2), Limit(0, 1), Limit(0, 50)


@dataclass(frozen=True, slots=True)
class Trend:
    """Medians of the first and the last third, and the slope an hour of all."""

    first: float
    last: float
    slope: float

    def is_flat(self, limit: Limit) -> bool:
        return self.last - self.first <= self.first * limit.share + limit.margin


def trend(points: Sequence[tuple[float, float]]) -> Trend:
    """Of (seconds, value); the warm-up is left out."""
    begin, end = points[0][0], points[-1][0]
    warm = [point for point in points if point[0] >= begin + (end - begin) * WARM_UP]
    third = max(1, len(warm) // 3)
    slope = statistics.linear_regression([at for at, _ in warm], [value for _, value in warm]).slope
    return Trend(
        statistics.median(value for _, value in warm[:third]),
        statistics.median(value for _, value in warm[-third:]),
        slope * 3600,
    )


def tables(samples: Sequence[Sample], stored: Sequence[StoreSample], done: Mapping[str, int]) -> list[Table]:
    """`done` counts what was sent and asked, by what came of it."""
    counts = Counter(each.held.pid for each in samples)
    staying = {pid for pid, count in counts.items() if count >= STAYS * len(stored)}
    minutes = (stored[-1].at - stored[0].at) / 60
    columns = ("", "first third", "last third", "slope an hour", "")
    rows = []
    for pid, name in _names(
        {each.held.pid: each.held for each in samples if each.held.pid in staying}
    ).items():
        rows += _of_process(name, [each for each in samples if each.held.pid == pid])
    jobs = [each.held.memory for each in samples if each.held.pid not in staying]
    passing = ("memory of a passing process, most, MB", f"{max(jobs, default=0):.0f}")
    load = ("load of the machine, 15 minutes", f"{os.getloadavg()[2]:.1f} on {os.cpu_count()} cores")
    return [
        Table(f"Processes over {minutes:.0f} minutes ({RULE})", columns, rows),
        Table(
            "The store (incidents, identities and the audit are kept on purpose)", columns, _of_store(stored)
        ),
        Table("What was done", ("", ""), [*sorted(done.items()), passing, load]),
    ]


def _of_process(name: str, samples: Sequence[Sample]) -> list[tuple[object, ...]]:
    kept = name == STORE  # its memory is what is kept on purpose, see its own table
    return [
        _row(
            f"{name}: memory, MB",
            trend([(each.at, each.held.memory) for each in samples]),
            None if kept else MEMORY,
        ),
        _row(
            f"{name}: descriptors", trend([(each.at, each.held.descriptors) for each in samples]), DESCRIPTORS
        ),
        _row(f"{name}: threads", trend([(each.at, each.held.threads) for each in samples]), THREADS),
    ]


def _names(staying: Mapping[int, Held]) -> dict[int, str]:
    """What people call these processes, in the order of their start."""
    names: dict[int, str] = {}
    for pid, held in sorted(staying.items()):
        words = held.command.split()
        name = words[-1] if "bot" in words else STORE
        if held.parent in staying:
            name = f"{names[held.parent]}'s scheduler"
        elif name == "worker":
            name += f" {1 + sum(each.startswith('worker') for each in names.values())}"
        names[pid] = name
    return names


def _of_store(stored: Sequence[StoreSample]) -> list[tuple[object, ...]]:
    memory = trend([(each.at, each.memory) for each in stored])
    keys = trend([(each.at, each.keys) for each in stored])
    came = keys.last - keys.first
    per_key = f"{(memory.last - memory.first) * 1e6 / came:.0f} bytes" if came > 0 else "–"
    return [
        _row("inbox, entries", trend([(each.at, each.inbox) for each in stored]), ENTRIES),
        _row("memory, MB", memory),
        _row("keys", keys),
        ("memory for each key that came", "", per_key, "", ""),
        _row("incidents", trend([(each.at, each.incidents) for each in stored])),
        _row("entries of other streams", trend([(each.at, each.other_streams) for each in stored])),
        _row("data directory, MB", trend([(each.at, each.disk) for each in stored])),
    ]


def _row(what: str, of: Trend, limit: Limit | None = None) -> tuple[object, ...]:
    judged = "" if limit is None else "flat" if of.is_flat(limit) else "**grows**"
    return what, f"{of.first:.1f}", f"{of.last:.1f}", f"{of.slope:+.1f}", judged
