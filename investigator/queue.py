"""Enqueuing of jobs. Each has an id of its own, so asking twice makes one job."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import redis
import structlog
from rq import Queue, Retry
from rq.exceptions import DuplicateJobError
from rq.executions import Execution, ExecutionRegistry
from rq.job import Job, JobStatus
from rq.scheduler import RQScheduler
from rq.serializers import JSONSerializer
from structlog.contextvars import bound_contextvars

from investigator.job_arguments import ArgumentsMissing, taken_by
from investigator.job_context import causes_of, delivery_of, handed_on, told_of
from investigator.models.fix import FixRequest
from investigator.tracing import flush_traces, span

log = structlog.get_logger()

QUEUE = "investigations"
JOB_SECONDS = 180
MAINTENANCE_LOCK_SECONDS = 30
# Together about an hour: a Slack or store outage of that length delays a thread, it does not lose it.
# The first try again is at once: a job whose worker was killed must not wait for RQ's scheduler, whose lock
# outlives a killed one by a minute.
RETRY_SECONDS = (0, 1, 2, 5, 10, 20, 40, 60, 120, 300, 600, 900, 1500)
FAILED_JOB_SECONDS = 7 * 24 * 3600
FAILED_ONCE_SECONDS = 60  # of jobs whose next one is their next try: a failure means nothing to anybody later
_RETRY = Retry(max=len(RETRY_SECONDS), interval=list(RETRY_SECONDS))
_OVER = {JobStatus.FAILED, JobStatus.STOPPED, JobStatus.CANCELED}


class _Executions(ExecutionRegistry):
    """RQ lists an execution for a minute longer than it keeps it, and cannot finish its job meanwhile."""

    def get_executions(self, start: int = 0, end: int = -1) -> list[Execution]:
        listed = [
            Execution(execution_id, self.job_id, self.connection)
            for execution_id in self.get_execution_ids(start, end)
        ]
        return [execution for execution in listed if self.connection.exists(execution.key)]


class InvestigationJob(Job):
    """RQ's job, which can be finished although a worker was killed at it."""

    @property
    def execution_registry(self) -> ExecutionRegistry:
        return _Executions(self.id, connection=self.connection)

    def perform(self) -> Any:
        """Every log line meanwhile carries the job, and the incident and run it is about.

        Raises:
            ArgumentsMissing: another version enqueued it with fewer; it is not tried again.
        """
        enqueued = self.args, self.kwargs
        self.args, self.kwargs = self._taken()
        told = told_of(self.func, self.args)
        try:
            told |= delivery_of(self.meta)
            with (
                bound_contextvars(job=self.id, **told),
                span("job", causes=causes_of(self.meta), job=self.func_name, **told),
            ):
                return super().perform()
        finally:
            self.args, self.kwargs = enqueued  # the next try may be one of a newer version, which knows more
            flush_traces()

    def _taken(self) -> tuple[Sequence[Any], Mapping[str, Any]]:
        try:
            arguments, named, ignored = taken_by(self.func, self.args, self.kwargs)
        except ArgumentsMissing as missing:
            self.retries_left = 0
            log.error("job_set_aside", job=self.id, reason=str(missing))
            raise
        if ignored:
            log.warning("job_arguments_ignored", job=self.id, ignored=ignored)
        return arguments, named


class InvestigationQueue(Queue):
    """RQ's queue, whose maintenance is not held up by a worker that was killed while it did it."""

    def acquire_maintenance_lock(self) -> bool:
        """RQ's own lock lasts a quarter of an hour: as long, nobody would look for abandoned jobs."""
        return bool(self.connection.set(self.registry_cleaning_key, 1, nx=True, ex=MAINTENANCE_LOCK_SECONDS))


def queue(connection: redis.Redis) -> Queue:
    return InvestigationQueue(
        QUEUE,
        connection=connection,
        serializer=JSONSerializer,
        default_timeout=JOB_SECONDS,
        job_class=InvestigationJob,
    )


class Jobs:
    """The jobs of this program, for callers on the event loop (RQ itself blocks, so it runs in a thread)."""

    def __init__(self, connection: redis.Redis) -> None:
        self._queue = queue(connection)
        self._scheduler = RQScheduler([QUEUE], connection, logging_level="WARNING", serializer=JSONSerializer)
        self._scheduler.prepare_registries([QUEUE])

    async def investigate(self, incident_id: str, run: int, *, at: datetime | None = None) -> bool:
        """Run `run` of an incident, now or at a time to come. False when that job exists already."""
        job = f"investigate-{incident_id}-{run}"
        return await self._enqueue("investigate", job, incident_id, run, at=at)

    async def announce(self, incident_id: str, *, at: datetime) -> bool:
        """Post the parent of an incident whose investigation has to wait. False when that job exists."""
        return await self._enqueue("announce", f"announce-{incident_id}", incident_id, at=at)

    async def show_cascade(self, incident_id: str, *, at: datetime | None = None) -> bool:
        """Show whom an incident of several alerts hit. False when that is waiting to happen already."""
        return await self._enqueue("show_cascade", f"cascade-{incident_id}", incident_id, at=at)

    async def show_pictures(self, incident_id: str, *, at: datetime) -> bool:
        """The same, later, for the pictures. False when that is waiting to happen already."""
        return await self._enqueue("show_cascade", f"pictures-{incident_id}", incident_id, at=at)

    async def refresh(self, incident_id: str) -> bool:
        """Bring the parent message up to date. False when that is waiting to happen already."""
        return await self._enqueue("refresh", f"refresh-{incident_id}", incident_id)

    async def analyse_late(self, incident_id: str, run: int) -> bool:
        """Analyse what a run found out. False when that is waiting to happen already."""
        job = f"analyse-late-{incident_id}-{run}"
        return await self._enqueue("analyse_late", job, incident_id, run)

    async def analyse_again(self, incident_id: str, run: int) -> bool:
        """The same because a person wants it now: it is told how that went, whatever came of it."""
        return await self._enqueue("analyse_again", f"analyse-again-{incident_id}-{run}", incident_id, run)

    async def answer_question(
        self, incident_id: str, request: str, question: str, user: str, said_as: str
    ) -> bool:
        """Answer a person's question in the thread; `request` identifies the asking."""
        arguments = (incident_id, request, question, user, said_as)
        return await self._enqueue("answer_question", f"answer-{incident_id}-{request}", *arguments)

    async def suggest_fix(self, incident_id: str, run: int) -> bool:
        """Have a change of code suggested for a run. False when that is waiting to happen already."""
        return await self._enqueue("suggest_fix", f"suggest-fix-{incident_id}-{run}", incident_id, run)

    async def prepare_fix(self, incident_id: str, user: str, view_id: str, slug: str) -> bool:
        """Fill a person's dialog; a dialog that is gone by then needs no second try."""
        job = f"prepare-fix-{view_id}-{slug}"
        return await self._enqueue("prepare_fix", job, incident_id, user, view_id, slug, retry=None)

    async def follow_fix(self, incident_id: str) -> bool:
        """Look what became of an incident's pull requests. False when that is waiting to happen already."""
        return await self._enqueue("follow_fix", f"follow-fix-{incident_id}", incident_id, retry=None)

    async def follow_fixes(self) -> bool:
        """The same for all incidents, now rather than when the clock gets to it."""
        return await self._enqueue("follow_fixes", "follow-fixes-told", retry=None)

    async def open_fix(self, request: FixRequest) -> bool:
        """Open a confirmed pull request. False when that is under way already, whoever confirmed it."""
        job = f"open-fix-{request.incident}-{request.slug}"
        return await self._enqueue("open_fix", job, request.model_dump(mode="json"))

    async def expand(self, incident_id: str, part: str) -> bool:
        """Post details into the thread. False when that is waiting to happen already."""
        return await self._enqueue("expand", f"expand-{incident_id}-{part}", incident_id, part)

    async def open_pasted(
        self, request: str, text: str, user: str, channel: tuple[str, str], reply_to: str
    ) -> bool:
        """Investigate a stack trace that a person pasted in `channel` (id, name)."""
        return await self._enqueue("open_pasted", f"paste-{request}", text, user, list(channel), reply_to)

    async def postmortem(self, incident_id: str, request: str) -> bool:
        """Write the postmortem into the thread. False when that asking was heard already."""
        return await self._enqueue("postmortem", request.replace(":", "-"), incident_id, request)

    async def open_by_hand(
        self, request: str, reference: str, user: str, channel: str, reply_to: str
    ) -> bool:
        """Find the issue a person named and investigate it; `request` identifies the person's command."""
        return await self._enqueue("open_by_hand", f"open-{request}", reference, user, channel, reply_to)

    async def canary(self, sent_at: float) -> bool:
        """The trial webhook sent then has come this far; one that fails is not tried again."""
        return await self._enqueue("canary", f"canary-{int(sent_at * 1000)}", sent_at, retry=None)

    async def periodic(self, task: str, slot: int) -> bool:
        """A task of the clock's, for one slot of time; when it fails, the next slot is its next try."""
        return await self._enqueue(task, f"{task}-{slot}", retry=None)

    async def enqueue_due(self) -> None:
        """Put what failed back into the queue when its time to be tried again has come.

        Workers have RQ's scheduler for that, but the lock of a killed one keeps the others out for a minute.
        """
        await asyncio.to_thread(self._scheduler.enqueue_scheduled_jobs)

    async def hasten(self, job_ids: Sequence[str]) -> int:
        """Let jobs that failed run now, with all their tries before them; how many there were of them."""
        hastened = await asyncio.to_thread(self._hasten, job_ids)
        await self.enqueue_due()
        return hastened

    def _hasten(self, job_ids: Sequence[str]) -> int:
        waiting, given_up = self._queue.scheduled_job_registry, self._queue.failed_job_registry
        hastened = 0
        for job in filter(None, map(self._queue.fetch_job, job_ids)):
            if job.id not in waiting and job.id not in given_up:
                continue
            self._queue.connection.hset(job.key, "retries_left", len(RETRY_SECONDS))
            if job.id in waiting:
                self._queue.connection.zadd(waiting.key, {job.id: int(time.time())}, xx=True)
            else:
                given_up.requeue(job.id)
            hastened += 1
        return hastened

    async def _enqueue(
        self,
        function: str,
        job_id: str,
        *arguments: Any,
        retry: Retry | None = _RETRY,
        at: datetime | None = None,
    ) -> bool:
        kept = FAILED_JOB_SECONDS if retry else FAILED_ONCE_SECONDS
        options = {
            "job_id": job_id,
            "retry": retry,
            "args": arguments,
            "failure_ttl": kept,
            "meta": handed_on(),
        }
        name = f"investigator.jobs.{function}"
        return await asyncio.to_thread(
            lambda: (
                self._add(name, options, at) or (self._forget_failed(job_id) and self._add(name, options, at))
            )
        )

    def _add(self, function: str, options: Mapping[str, Any], at: datetime | None) -> bool:
        options = {"unique": True, "result_ttl": 0, "failure_ttl": FAILED_JOB_SECONDS, **options}
        try:
            if at is None:
                self._queue.enqueue(function, **options)
            else:
                self._queue.enqueue_at(at, function, **options)
        except DuplicateJobError:
            return False
        log.info("job_enqueued", job=options["job_id"])
        return True

    def _forget_failed(self, job_id: str) -> bool:
        """A job that failed for good must not stand in the way of asking again for a week."""
        job = self._queue.fetch_job(job_id)
        if job is None or job.get_status(refresh=False) in _OVER:
            if job is not None:
                job.delete()
            return True
        return False
