"""Entry points of RQ jobs: JSON arguments in, nothing out. One asyncio loop per job, in the forked child."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import structlog
from redis.asyncio.lock import Lock
from redis.exceptions import RedisError
from rq import get_current_job
from rq.job import Job

from investigator import (
    announcing,
    by_hand,
    by_paste,
    cascading,
    clock,
    keys,
    late_analysis,
    questions,
    suggesting,
)
from investigator.about_ourselves import unreported
from investigator.canary import job as canary_job
from investigator.composition import Program, compose
from investigator.confirmation import confirm
from investigator.counters import INVESTIGATIONS
from investigator.errors import OutsideCallFailed
from investigator.fixes import following, opening, preparing
from investigator.histograms import INVESTIGATION_SECONDS
from investigator.investigation import give_up, post_expansion
from investigator.investigation import investigate as run_investigation
from investigator.models.fix import FixRequest
from investigator.postmortem_job import post_postmortem
from investigator.quality.digest import post_digest
from investigator.queue import RETRY_SECONDS
from investigator.reconcile.job import reconcile as reconcile_with_sentry
from investigator.retention import sweep as sweep_old
from investigator.settings import load_settings
from investigator.slack import SlackRefused
from investigator.slack_trouble import tell_ops

log = structlog.get_logger()

Work = Callable[[Program], Awaitable[None]]

LOCK_SECONDS = 15
LOCK_WAIT_SECONDS = 60
WORK_SECONDS = 100  # what work may take; together with the wait well inside RQ's JOB_SECONDS


def investigate(incident_id: str, run: int) -> None:
    """Carry out a run. Failures are RQ's to retry; the last one is told in the thread.

    While Slack is away it cannot be told, so the run is not given up: the clock's sweep asks for it again.
    """

    async def work(program: Program) -> None:
        started = time.monotonic()
        try:
            async with asyncio.timeout(WORK_SECONDS):
                await run_investigation(program, incident_id, run)
        except Exception as error:
            failed = _tries_left() == 0 and not _slack_is_away(error)
            if failed:
                await give_up(program, incident_id, run, _reason(error))
            await INVESTIGATIONS.add(program.store, "failed" if failed else "retried")
            raise
        await INVESTIGATIONS.add(program.store, "done")
        await INVESTIGATION_SECONDS.observe(program.store, time.monotonic() - started)

    _alone(incident_id, work)


def announce(incident_id: str) -> None:
    """Post the parent of an incident whose investigation has to wait."""

    async def work(program: Program) -> None:
        await announcing.announce(program, incident_id)

    _alone(incident_id, work)


def show_cascade(incident_id: str) -> None:
    """Show whom an incident of several alerts hit, and what it began with."""

    async def work(program: Program) -> None:
        await cascading.show_cascade(program, incident_id)

    _alone(incident_id, work)


def refresh(incident_id: str) -> None:
    """Edit the parent message to what is known now: counters, resolved or not."""

    async def work(program: Program) -> None:
        await announcing.refresh(program, incident_id)

    _alone(incident_id, work)


def expand(incident_id: str, part: str) -> None:
    """Post all that a run found out, or one part of it, into the thread."""

    async def work(program: Program) -> None:
        await post_expansion(program, incident_id, part)

    _alone(incident_id, work)


def open_pasted(text: str, user: str, channel: list[str], reply_to: str) -> None:
    """Investigate a stack trace that a person pasted in `channel` (id, name)."""
    job = get_current_job()
    request = job.id if job else text

    async def work(program: Program) -> None:
        place = (channel[0], channel[1])
        await by_paste.open_pasted(
            program, text, user=user, channel=place, reply_to=reply_to, request=request
        )

    asyncio.run(_with_program(work))


def postmortem(incident_id: str, request: str) -> None:
    """Write down what happened when, and put it into the thread."""

    async def work(program: Program) -> None:
        await post_postmortem(program, incident_id, request)

    _alone(incident_id, work)


def sweep() -> None:
    """Ask again for runs that got lost."""

    async def work(program: Program) -> None:
        await clock.sweep(program.incidents, program.jobs, now=datetime.now(UTC))

    asyncio.run(_with_program(work))


def quality_digest() -> None:
    """Tell the ops channel how good verdicts were, when that is due."""

    async def work(program: Program) -> None:
        await post_digest(program, datetime.now(UTC))

    asyncio.run(_with_program(work))


def canary(sent_at: float) -> None:
    """A trial webhook has come the whole way."""

    async def work(program: Program) -> None:
        await canary_job.arrive(program, sent_at)

    asyncio.run(_with_program(work))


def retention() -> None:
    """Forget what is older than it is to be kept."""

    async def work(program: Program) -> None:
        days = program.settings.pilot_retention_days
        await sweep_old(program.store, now=datetime.now(UTC), days=days)

    asyncio.run(_with_program(work))


def reconcile() -> None:
    """Find through Sentry's API what no webhook told us."""

    async def work(program: Program) -> None:
        await reconcile_with_sentry(program, datetime.now(UTC))

    asyncio.run(_with_program(work))


def late_analyses() -> None:
    """Try whether a provider can make an analysis again that none could."""

    async def work(program: Program) -> None:
        await late_analysis.ask_for_oldest(program, now=time.time())

    asyncio.run(_with_program(work))


def analyse_late(incident_id: str, run: int) -> None:
    """Analyse a run after the fact; if that works, the next one that waits follows at once."""

    async def work(program: Program) -> None:
        if await late_analysis.analyse_late(program, incident_id, run):
            await late_analysis.ask_for_oldest(program, now=time.time())

    _alone(incident_id, work)


def analyse_again(incident_id: str, run: int) -> None:
    """Analyse a run because a person asked for it, and say in the report what came of it."""

    async def work(program: Program) -> None:
        await late_analysis.analyse_late(program, incident_id, run, tell_failure=True)

    _alone(incident_id, work)


def answer_question(incident_id: str, request: str, question: str, user: str, said_as: str) -> None:
    """Answer a person's question about an incident in its thread."""

    async def work(program: Program) -> None:
        await questions.answer_question(
            program, incident_id, request, question=question, by=user, said_as=said_as
        )

    _alone(incident_id, work)


def suggest_fix(incident_id: str, run: int) -> None:
    """Have a change of code suggested for what a run found out."""

    async def work(program: Program) -> None:
        await suggesting.suggest_fix(program, incident_id, run)

    _alone(incident_id, work)


def prepare_fix(incident_id: str, user: str, view_id: str, slug: str) -> None:
    """Fill the dialog behind *Open fix PR*."""

    async def work(program: Program) -> None:
        await preparing.prepare(program, incident_id, user, view_id, slug)

    asyncio.run(_with_program(work))


def open_fix(request: dict[str, Any]) -> None:
    """Open a pull request that a person confirmed."""
    confirmed = FixRequest.model_validate(request)

    async def work(program: Program) -> None:
        await opening.open_fix(program, confirmed, last_try=_tries_left() == 0)

    _alone(confirmed.incident, work)


def follow_fixes() -> None:
    """Look what became of the pull requests that were opened; each incident on its own."""

    async def work(program: Program) -> None:
        for incident_id in await following.incidents_followed(program.store):
            await program.jobs.follow_fix(incident_id)

    asyncio.run(_with_program(work))


def follow_fix(incident_id: str) -> None:
    """Tell what became of an incident's pull requests."""

    async def work(program: Program) -> None:
        await following.follow(program, incident_id, datetime.now(UTC))

    _alone(incident_id, work)


def open_by_hand(reference: str, user: str, channel: str, reply_to: str) -> None:
    """Investigate the Sentry issue a person named; what is wrong with it is told to that person."""
    job = get_current_job()

    request = job.id if job else reference

    async def work(program: Program) -> None:
        try:
            await by_hand.open_issue(
                program, reference, user=user, channel=channel, reply_to=reply_to, request=request
            )
        except Exception as error:
            if _tries_left() == len(RETRY_SECONDS):
                why = program.renderer.render("delayed", reference=reference, why=_reason(error))
                await by_hand.tell(
                    program, why, channel=channel, reply_to=reply_to, key=f"asked:{request}:delayed"
                )
            raise

    asyncio.run(_with_program(work))


def _alone(incident_id: str, work: Work) -> None:
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

    asyncio.run(_with_program(locked))


async def _keep(lock: Lock) -> None:
    """Hold the lock as long as the work takes; a holder that died lets go after LOCK_SECONDS."""
    while True:
        await asyncio.sleep(LOCK_SECONDS / 4)
        try:
            await lock.reacquire()
        except RedisError as error:
            log.warning("work_lock_not_renewed", error=str(error))


async def _with_program(work: Work) -> None:
    async with compose(load_settings()) as program:
        try:
            await work(program)
        except SlackRefused as refusal:
            await tell_ops(program, refusal)
            raise
        await confirm(program.store, program.durability)


def _tries_left() -> int:
    job: Job | None = get_current_job()
    return (job and job.retries_left) or 0


def _slack_is_away(error: Exception) -> bool:
    """Also while it refuses our token or a scope: whoever sets that right finds every run waiting."""
    if isinstance(error, SlackRefused):
        return error.kind == "unauthorized" or error.code == "missing_scope"
    return isinstance(error, OutsideCallFailed) and error.service == "Slack"


def _reason(error: Exception) -> str:
    if isinstance(error, OutsideCallFailed):
        return str(error)
    if isinstance(error, TimeoutError):
        return f"it took longer than {WORK_SECONDS} s"
    return f"an error of our own ({type(error).__name__}); it is in the worker's log"
