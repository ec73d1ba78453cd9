"""When Slack answers again, what waited is told within seconds: oldest first, once, and not all at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from rq.timeouts import TimerDeathPenalty

from investigator import keys, slack_recovery
from investigator.composition import Program
from investigator.errors import OutsideCallFailed
from investigator.models.incident import Incident
from investigator.queue import RETRY_SECONDS, InvestigationJob, queue
from investigator.store import connect_sync
from tests.fixtures.playing import World, environment_of, open_incident, said

pytestmark = pytest.mark.processes


@pytest.fixture
def blocking(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Redis]:
    """The store as RQ knows it; jobs run in this process with the world's settings, but without GitHub."""
    for name, value in environment_of(world.without("github_token")).items():
        monkeypatch.setenv(name, value)
    assert world.settings.redis_url
    with connect_sync(world.settings.redis_url) as connection:
        yield connection


async def work(blocking: Redis) -> None:
    """Do what is in the queue, on a thread, as the sandboxes live on this loop."""

    def burst() -> None:
        worker = SimpleWorker(
            [queue(blocking)], connection=blocking, serializer=JSONSerializer, job_class=InvestigationJob
        )
        worker.log_result_lifespan = False
        worker.death_penalty_class = TimerDeathPenalty  # signals are the main thread's
        worker._install_signal_handlers = lambda: None  # type: ignore[method-assign]
        worker.work(burst=True, logging_level="ERROR")

    await asyncio.to_thread(burst)


async def waiting_since_an_outage(
    world: World, program: Program, blocking: Redis, count: int
) -> list[Incident]:
    """Incidents whose runs failed while Slack was down, and that RQ would try again in 25 minutes."""
    world.slack.faults.add("/api/", status=503)
    incidents = [await open_incident(program, world.demo.crash) for _ in range(count)]
    for incident in incidents:
        await program.jobs.investigate(incident.id, 1)
    await work(blocking)
    late, jobs = (datetime.now(UTC) + timedelta(minutes=25)).timestamp(), queue(blocking)
    for job_id in (*jobs.job_ids, *jobs.scheduled_job_registry.get_job_ids()):
        jobs.remove(job_id)
        blocking.hset(f"rq:job:{job_id}", "retries_left", 1)
        blocking.zadd(jobs.scheduled_job_registry.key, {job_id: late})
    return incidents


async def test_after_an_hour_everything_is_told_within_seconds_each_in_one_thread(
    world: World, program: Program, blocking: Redis
) -> None:
    incidents = await waiting_since_an_outage(world, program, blocking, 3)
    with pytest.raises(OutsideCallFailed):
        await slack_recovery.probe(program)
    assert queue(blocking).job_ids == [], "nothing is tried while Slack is away"
    world.slack.faults.clear()
    assert await slack_recovery.probe(program) == 1, "the oldest tries first"
    await work(blocking)
    for incident in incidents:
        parents, replies = said(world.slack, incident.id)
        assert len(parents) == 1, f"#{incident.id} has its one thread"
        assert replies.count(f"{incident.id}:report:1") == 1
    assert not blocking.exists(keys.SLACK_WAITING)
    assert await slack_recovery.probe(program) == 0, "and Slack is not asked any more"


async def test_a_slack_that_only_seems_to_be_back_is_tried_one_job_at_a_time(
    world: World, program: Program, blocking: Redis
) -> None:
    await waiting_since_an_outage(world, program, blocking, 3)
    world.slack.faults.clear()
    world.slack.faults.add("/api/chat.", status=503)
    before = world.slack.call_counts.copy()
    assert await slack_recovery.probe(program) == 1
    await work(blocking)
    assert world.slack.call_counts["chat.postMessage"] - before["chat.postMessage"] <= 2, "no flood"
    assert blocking.zcard(keys.SLACK_WAITING) == 3, "who failed again waits again"


async def test_a_job_that_was_given_up_in_a_longer_outage_comes_back_with_all_its_tries(
    world: World, program: Program, blocking: Redis
) -> None:
    (incident,) = await waiting_since_an_outage(world, program, blocking, 1)
    (job_id,) = queue(blocking).scheduled_job_registry.get_job_ids()
    blocking.hset(f"rq:job:{job_id}", "retries_left", 0)
    blocking.zadd(queue(blocking).scheduled_job_registry.key, {job_id: 1})
    await program.jobs.enqueue_due()
    await work(blocking)  # its last try
    (failed,) = queue(blocking).failed_job_registry.get_job_ids()
    world.slack.faults.clear()
    await slack_recovery.probe(program)
    job = queue(blocking).fetch_job(failed)
    assert job
    assert job.retries_left == len(RETRY_SECONDS)
    await work(blocking)
    assert len(said(world.slack, incident.id)[0]) == 1


async def test_what_does_not_wait_for_slack_is_left_alone(program: Program, blocking: Redis) -> None:
    at = datetime.now(UTC) + timedelta(hours=1)
    await program.jobs.announce("1", at=at)
    assert await program.jobs.hasten(["announce-2", "gone"]) == 0
    assert queue(blocking).scheduled_job_registry.get_job_ids() == ["announce-1"]
    assert queue(blocking).job_ids == []
