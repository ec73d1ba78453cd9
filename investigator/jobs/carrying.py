"""How a job is carried out: one asyncio loop and one set of clients, in the forked child."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from redis.asyncio.lock import Lock
from redis.exceptions import RedisError
from rq import get_current_job
from rq.job import Job

from investigator import keys, slack_recovery
from investigator.about_ourselves import unreported
from investigator.composition import Program, compose
from investigator.confirmation import confirm
from investigator.errors import OutsideCallFailed
from investigator.settings import Settings, load_settings
from investigator.slack import SlackRefused
from investigator.slack_trouble import tell_ops

log = structlog.get_logger()

Work = Callable[[Program], Awaitable[None]]

_settings: list[Callable[[], Settings]] = [load_settings]

LOCK_SECONDS = 15
LOCK_WAIT_SECONDS = 60
WORK_SECONDS = 100  # what work may take; together with the wait well inside RQ's JOB_SECONDS


def with_program(work: Work) -> None:
    """Do `work` with clients of its own, on a loop of its own."""
    asyncio.run(_composed(work))


def alone(incident_id: str, work: Work) -> None:
    """Do `work` while no other job speaks in this incident's thread."""

    async def locked(program: Program) -> None:
        lock = program.store.lock(
            keys.work_lock(incident_id),
            timeout=LOCK_SECONDS,
            blocking_timeout=LOCK_WAIT_SECONDS,
            raise_on_release_error=False,
        )
        async with lock:
            # Or after a fail-over another job could take it while this one is still speaking.
            await confirm(program.store, program.durability)
            keeping = asyncio.create_task(_keep(lock))
            try:
                await unreported(program, incident_id, work)
            finally:
                keeping.cancel()

    with_program(locked)


async def _keep(lock: Lock) -> None:
    """Hold the lock as long as the work takes; a holder that died lets go after LOCK_SECONDS."""
    while True:
        await asyncio.sleep(LOCK_SECONDS / 4)
        try:
            await lock.reacquire()
        except RedisError as error:
            log.warning("work_lock_not_renewed", error=str(error))


def settings_from(read: Callable[[], Settings]) -> None:
    """Let jobs of this process have their settings from `read`, instead of reading them themselves."""
    _settings[:] = [read]


async def _composed(work: Work) -> None:
    async with compose(_settings[0]()) as program:
        try:
            await work(program)
        except OutsideCallFailed as failure:
            await _wait_for_slack(program, failure)
            raise
        await confirm(program.store, program.durability)
        if program.slack.tally.answered:
            await slack_recovery.go_on(program.store, program.jobs)


async def _wait_for_slack(program: Program, failure: OutsideCallFailed) -> None:
    """Tell of what Slack refuses; a job that can be tried again need not wait longer than Slack is away."""
    if isinstance(failure, SlackRefused):
        await tell_ops(program, failure)
    job = get_current_job()
    # A rate limit is nothing to look out for: it ends at a time that is known.
    away = slack_is_away(failure) and failure.kind != "rate_limited"
    if job and job.retries_left is not None and away:
        await slack_recovery.keep_waiting(program.store, job.id)


def tries_left() -> int:
    job: Job | None = get_current_job()
    return (job and job.retries_left) or 0


def slack_is_away(error: Exception) -> bool:
    """Also while it refuses our token or a scope: whoever sets that right finds every run waiting."""
    if isinstance(error, SlackRefused):
        return error.kind == "unauthorized" or error.code == "missing_scope"
    return isinstance(error, OutsideCallFailed) and error.service == "Slack"


def reason(error: Exception) -> str:
    if isinstance(error, OutsideCallFailed):
        return str(error)
    if isinstance(error, TimeoutError):
        return f"it took longer than {WORK_SECONDS} s"
    return f"an error of our own ({type(error).__name__}); it is in the worker's log"
