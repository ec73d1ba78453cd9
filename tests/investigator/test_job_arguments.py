"""A job that another version enqueued is carried out if it can be, and set aside at once if it cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from redis import Redis
from rq import SimpleWorker
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer
from structlog.testing import capture_logs

from investigator import jobs as entry_points
from investigator.job_arguments import ArgumentsMissing, taken_by
from investigator.queue import Jobs, queue
from investigator.store import connect_sync


def plain(incident_id: str, run: int) -> None: ...


def with_default(incident_id: str, run: int = 1) -> None: ...


@pytest.fixture
def blocking(store_url: str) -> Iterator[Redis]:
    with connect_sync(store_url) as connection:
        connection.flushall()
        yield connection


@pytest.mark.parametrize(
    ("function", "arguments", "named", "expected"),
    [
        (plain, ("1", 2), {}, (("1", 2), {}, ())),
        (plain, ("1", 2, "more"), {}, (("1", 2), {}, ("3",))),
        (plain, ("1",), {"run": 2, "more": 3}, (("1",), {"run": 2}, ("more",))),
        (plain, ("1", 2), {"run": 3}, (("1", 2), {}, ("run",))),
        (with_default, ("1",), {}, (("1",), {}, ())),
    ],
)
def test_what_a_function_does_not_know_is_left_out(
    function: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any], expected: object
) -> None:
    assert taken_by(function, arguments, named) == expected


def test_what_a_function_lacks_is_named() -> None:
    with pytest.raises(ArgumentsMissing, match=r"plain needs run\b"):
        taken_by(plain, ("1",), {})


def worked_off(blocking: Redis, monkeypatch: pytest.MonkeyPatch, *arguments: Any) -> tuple[Job, list[Any]]:
    """The job `investigate` with these arguments and the usual tries, after a worker had it."""
    calls: list[Any] = []

    def investigate(incident_id: str, run: int) -> None:
        calls.append((incident_id, run))

    monkeypatch.setattr(entry_points, "investigate", investigate)
    work = queue(blocking)
    job = work.fetch_job("investigate-1-1")
    assert job is not None
    assert job.args == ["1", 1]
    job.args = arguments
    job.save()
    SimpleWorker(
        [work], connection=blocking, job_class=type(job), serializer=JSONSerializer, log_job_description=False
    ).work(burst=True, logging_level="CRITICAL")
    return job, calls


async def test_more_than_this_version_knows_does_not_keep_a_job_from_being_done(
    blocking: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Jobs(blocking).investigate("1", 1)
    with capture_logs() as logs:
        _, calls = worked_off(blocking, monkeypatch, "1", 1, {"of": "the next version"})
    assert calls == [("1", 1)]
    assert [line["ignored"] for line in logs if line["event"] == "job_arguments_ignored"] == [("3",)]


async def test_less_than_this_version_needs_sets_a_job_aside_at_once_with_the_reason(
    blocking: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Jobs(blocking).investigate("1", 1)
    with capture_logs() as logs:
        job, calls = worked_off(blocking, monkeypatch, "1")
    assert not calls
    assert job.get_status() == JobStatus.FAILED, "it waits for a try that cannot go better"
    assert job.id in queue(blocking).failed_job_registry
    result = job.latest_result()
    assert result is not None
    assert "investigate needs run" in str(result.exc_string)
    assert [line["job"] for line in logs if line["event"] == "job_set_aside"] == [job.id]
    assert await Jobs(blocking).investigate("1", 1), "asking again with what is needed is not in its way"
