"""The process that runs RQ jobs, set so that what a killed worker held comes back within seconds."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import redis
import structlog
from rq import Queue, Worker
from rq.exceptions import DequeueTimeout
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus

from investigator import keys
from investigator.jobs import carrying  # and with it all jobs: forked children find them loaded
from investigator.live_settings import LiveSettings
from investigator.orphans import die_with_parent
from investigator.queue import InvestigationJob, queue
from investigator.store import as_unavailable, is_away

log = structlog.get_logger()

HEARTBEAT_SECONDS = 5
# RQ waits for a minute more than its heartbeat before it believes that a worker is dead. On one machine or
# between two, three missed heartbeats are enough; a run that is repeated says nothing twice.
MISSED_HEARTBEATS = 3
TURN_SECONDS = 1  # so soon a worker without a job notices that it is to stop
RQ_TTL_MARGIN_SECONDS = 15  # worker_ttl less this, and 10 s, is how long RQ waits for an answer of the store


class InvestigationWorker(Worker):
    """RQ's forking worker with shorter patience, which looks at the settings before each job.

    It stops between two jobs. RQ leaves from wherever it is when it is told to: a job that it had just taken
    from the queue would be missed for a minute.
    """

    live: LiveSettings | None = None

    def _shutdown(self) -> None:
        self._stop_requested = True

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        """The next job; None when the worker is to stop. A store that is away is waited for."""
        maintain: Callable[[], None] = self.run_maintenance_tasks
        self.set_state(WorkerStatus.IDLE)
        while not self._stop_requested:
            try:
                self.heartbeat()
                if self.should_run_maintenance_tasks:
                    maintain()
                return self._take()
            except DequeueTimeout:
                continue
            except (redis.ConnectionError, redis.TimeoutError) as error:
                log.warning("store_unavailable", error=str(error))
                time.sleep(TURN_SECONDS)
        return None

    def _take(self) -> tuple[Job, Queue] | None:
        """Raises: DequeueTimeout, when none came in a turn."""
        return self.queue_class.dequeue_any(
            self.queues,
            TURN_SECONDS,
            connection=self.connection,
            job_class=self.job_class,
            serializer=self.serializer,
            death_penalty_class=self.death_penalty_class,
        )

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """Here, not in the child: what was right last must be known to the next job as well."""
        if self.live:
            self.live.look()
        super().fork_work_horse(job, queue)

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:
        """Seconds after the last heartbeat at which a job counts as abandoned."""
        return MISSED_HEARTBEATS * int(self.job_monitoring_interval)


def work(
    connection: redis.Redis, live: LiveSettings | None = None, heartbeat: int = HEARTBEAT_SECONDS
) -> None:
    """Run jobs until SIGTERM, which lets the job in hand finish first. `heartbeat` is in seconds.

    Jobs get the settings of `live`; without it each reads its own.

    Raises:
        StoreUnavailable: the store does not answer at the start; later RQ waits for it.
    """
    os.register_at_fork(after_in_child=die_with_parent)  # RQ's scheduler and work-horses
    with as_unavailable():
        connection.ping()
    while not _takes_writes(connection):  # a primary without replicas; RQ's worker would only fall over it
        time.sleep(1)
    worker = InvestigationWorker(
        [queue(connection)],
        connection=connection,
        serializer=JSONSerializer,
        job_class=InvestigationJob,
        worker_ttl=RQ_TTL_MARGIN_SECONDS + heartbeat,
        maintenance_interval=heartbeat,
        job_monitoring_interval=heartbeat,
        log_job_description=False,
    )
    worker.log_result_lifespan = False
    if live:
        worker.live = live
        carrying.settings_from(lambda: live.settings)
    worker.work(with_scheduler=True, logging_level="WARNING")


def _takes_writes(connection: redis.Redis) -> bool:
    try:
        connection.delete(keys.CONFIRMATION)
    except redis.RedisError as error:
        if not is_away(error):
            raise
        log.warning("store_takes_no_writes", error=str(error))
        return False
    return True
