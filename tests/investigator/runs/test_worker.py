"""Real RQ workers, forking: jobs are carried out, come back when their worker is killed, and end well."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis import Redis
from rq.registry import StartedJobRegistry

from investigator.clock import sweep
from investigator.composition import Program
from investigator.investigation import ensure_parent
from investigator.queue import queue
from investigator.store import connect_sync
from tests.faults.way import Way
from tests.fixtures.playing import CHANNEL, World, open_incident, said
from tests.fixtures.roles import until

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parents[3]
NO = b'{"ok": false, "error": "fatal_error"}'
WORKER = """
import os
from investigator.jobs import carrying
from investigator.store import connect_sync
from investigator.worker import work
carrying.LOCK_SECONDS = 3
work(connect_sync(os.environ["REDIS_URL"]), heartbeat=1)
"""
TOLD_TO_STOP_AT_THE_WORST_MOMENT = """
import os, signal
from rq.queue import Queue
take = Queue.lmove
def taken_and_told(*arguments):
    taken = take(*arguments)
    os.kill(os.getpid(), signal.SIGTERM)
    return taken
Queue.lmove = taken_and_told
"""


@asynccontextmanager
async def worker(
    world: World, code: str = WORKER, **settings: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker that is told to stop in the end, and does: after the job in hand."""
    environment = {"PATH": os.environ["PATH"], **world.environment(**settings)}
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, cwd=ROOT, env=environment)
    try:
        yield process
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), 15)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


@pytest.fixture
async def blocking(world: World) -> AsyncIterator[Redis]:
    assert world.settings.redis_url
    with connect_sync(world.settings.redis_url) as connection:
        yield connection


def reported(world: World, incident_id: str) -> bool:
    return f"{incident_id}:report:1" in said(world.slack, incident_id)[1]


async def test_forked_jobs_do_their_work_although_slack_was_away_at_first(
    program: Program, world: World
) -> None:
    incident = await open_incident(program, world.demo.crash)
    world.slack.faults.add("/api/chat.postMessage", status=503, times=1)
    await program.jobs.investigate(incident.id, 1)
    await program.jobs.expand(incident.id, "frames")
    await program.jobs.open_by_hand("r1", str(world.demo.outage.issue["id"]), "U0PRIYA", CHANNEL, "1.1")
    async with worker(world):
        await until(lambda: len(said(world.slack, incident.id)[1]) == 2, "report and details are posted")
        await until(lambda: bool(said(world.slack, "2")[0]), "the issue named by hand has its thread")
    parents, replies = said(world.slack, incident.id)
    assert (len(parents), replies) == (1, ["1:report:1", "1:expand:1:frames"]), "each thing once"


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
async def test_a_job_whose_worker_was_killed_is_carried_out_by_another_one(
    program: Program, world: World, blocking: Redis
) -> None:
    world.github.faults.add("/", hang=True)
    incident = await open_incident(program, world.demo.crash)
    await program.jobs.investigate(incident.id, 1)
    async with worker(world) as first:
        await until(lambda: bool(world.github.requests), "the job waits for GitHub")
        family = children(first.pid)
        assert len(family) == 2, "a scheduler and a work-horse"
        first.kill()
        await first.wait()
        await until(
            lambda: not any(_runs(pid) for pid in family), "no child outlives a worker that was killed", 5
        )
    assert not reported(world, incident.id)
    assert StartedJobRegistry(queue=queue(blocking)).get_job_ids(cleanup=False), "RQ still believes it runs"

    world.github.faults.clear()
    async with worker(world):
        await until(lambda: reported(world, incident.id), "another worker carries it out")
    parents, replies = said(world.slack, incident.id)
    assert (len(parents), replies) == (1, ["1:report:1"]), "and nothing is said twice"


async def test_a_worker_told_to_stop_carries_out_the_job_it_has_just_taken(
    program: Program, world: World
) -> None:
    incident = await open_incident(program, world.demo.crash)
    await program.jobs.investigate(incident.id, 1)
    async with worker(world, TOLD_TO_STOP_AT_THE_WORST_MOMENT + WORKER, GITHUB_TOKEN="") as process:
        assert await asyncio.wait_for(process.wait(), 25) == 0
    assert reported(world, incident.id), "it went with the worker"


async def test_a_worker_told_to_stop_while_the_store_is_away_does(world: World, blocking: Redis) -> None:
    way = Way(urlsplit(world.settings.redis_url or "").port or 0)
    async with way.serving(), worker(world, REDIS_URL=f"redis://127.0.0.1:{way.port}/0"):
        await until(lambda: blocking.scard("rq:workers") == 1, "the worker is there")
        way.close()
        await asyncio.sleep(1)


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
async def test_a_work_horse_that_was_killed_is_replaced(program: Program, world: World) -> None:
    world.github.faults.add("/", hang=True)
    incident = await open_incident(program, world.demo.crash)
    await program.jobs.investigate(incident.id, 1)
    async with worker(world) as process:
        await until(lambda: bool(world.github.requests), "the job waits for GitHub")
        os.kill(max(children(process.pid)), signal.SIGKILL)
        world.github.faults.clear()
        await until(lambda: reported(world, incident.id), "the job is tried again")
    parents, replies = said(world.slack, incident.id)
    assert (len(parents), replies) == (1, ["1:report:1"])


async def test_the_last_try_is_told_in_the_thread_unless_slack_is_away(
    program: Program, world: World, blocking: Redis
) -> None:
    refused, unreachable = [await open_incident(program, world.demo.crash) for _ in range(2)]
    for incident in (refused, unreachable):
        await ensure_parent(program, incident)
    async with worker(world, GITHUB_TOKEN=""):
        world.slack.faults.add("/api/chat.postMessage", status=200, body=NO, times=1)
        last_try(blocking, refused.id)
        await until(lambda: is_failed(blocking, refused.id), "the job is given up")
        world.slack.faults.add("/api/chat.postMessage", status=503)
        last_try(blocking, unreachable.id)
        await until(lambda: is_failed(blocking, unreachable.id), "that job is given up too")
        assert said(world.slack, refused.id)[1] == [f"{refused.id}:failure:1"], "told why in the thread"
        assert (await program.incidents.get(unreachable.id)).runs[0].state == "requested", "the run is not"

        world.slack.faults.clear()
        await sweep(program.incidents, program.jobs, now=datetime.now(UTC))
        await until(lambda: reported(world, unreachable.id), "the clock's sweep asks for it again")


def last_try(blocking: Redis, incident_id: str) -> None:
    """Enqueue the run's job as it is when all its other tries are spent."""
    queue(blocking).enqueue(
        "investigator.jobs.investigate",
        args=(incident_id, 1),
        job_id=f"investigate-{incident_id}-1",
        result_ttl=0,
    )


def is_failed(blocking: Redis, incident_id: str) -> bool:
    job = queue(blocking).fetch_job(f"investigate-{incident_id}-1")
    return job is not None and job.is_failed


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
