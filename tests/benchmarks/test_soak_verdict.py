"""The soak's verdict says what grows, and calls nothing growth that is warming up or noise."""

from __future__ import annotations

import pytest

from benchmarks.processes import Held
from benchmarks.soak_verdict import MEMORY, Sample, StoreSample, tables, trend

HALF_AN_HOUR = [seconds * 10.0 for seconds in range(180)]


def test_memory_that_leaks_a_megabyte_a_minute_grows() -> None:
    seen = trend([(at, 100 + at / 60) for at in HALF_AN_HOUR])
    assert seen.slope == pytest.approx(60)
    assert not seen.is_flat(MEMORY)


def test_warming_up_is_no_growth() -> None:
    assert trend([(at, 100.0 if at > 120 else 60.0) for at in HALF_AN_HOUR]).is_flat(MEMORY)


def test_every_process_that_stays_has_its_rows_and_passing_ones_have_none() -> None:
    def held(pid: int, parent: int, command: str, grown: float = 0) -> Held:
        return Held(pid=pid, parent=parent, command=command, memory=90 + grown, descriptors=8, threads=2)

    samples = [
        Sample(at, each)
        for at in HALF_AN_HOUR
        for each in (
            held(10, 1, "python -m bot worker", grown=at / 60),
            held(11, 1, "python -m bot worker"),
            held(12, 11, "python -m bot worker"),
            held(1000 + int(at), 11, "python -m bot worker"),
        )
    ]
    stored = [StoreSample(at, 1, 1, 1, inbox=3, other_streams=0, disk=1) for at in HALF_AN_HOUR]
    processes, store, done = tables(samples, stored, {"webhook 200": 7})
    verdicts = {str(row[0]): row[-1] for row in processes.rows}
    assert verdicts["worker 1: memory, MB"] == "**grows**"
    assert verdicts["worker 2: memory, MB"] == verdicts["worker 2's scheduler: threads"] == "flat"
    assert len(verdicts) == 9, "a job that passed has rows"
    assert store.rows[0] == ("inbox, entries", "3.0", "3.0", "+0.0", "flat")
    assert ("webhook 200", 7) in done.rows
