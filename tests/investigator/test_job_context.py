"""Every log line of a job names the job, and the incident and run it is about."""

from __future__ import annotations

import pytest
import redis.asyncio
import structlog

from investigator import jobs
from investigator.job_context import told_of
from investigator.queue import Jobs, queue
from investigator.store import connect_sync


def test_incident_and_run_are_told_from_what_a_job_was_given() -> None:
    assert told_of(jobs.investigate, ("42", 2)) == {"incident": "42", "run": 2}
    assert told_of(jobs.refresh, ("42",)) == {"incident": "42"}
    assert told_of(jobs.sweep, ()) == {}


async def test_a_jobs_lines_carry_its_id(
    store: redis.asyncio.Redis, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[dict[str, object]] = []
    monkeypatch.setattr(jobs, "sweep", lambda: lines.append(structlog.contextvars.get_contextvars()))
    with connect_sync(store_url) as blocking:
        await Jobs(blocking).periodic("sweep", 7)
        (job,) = queue(blocking).get_jobs()
        job.perform()
    assert lines[0]["job"] == "sweep-7"
    assert "job" not in structlog.contextvars.get_contextvars(), "the next job's lines are its own"
