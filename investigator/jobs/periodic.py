"""What the clock starts, and the canary's arrival."""

from __future__ import annotations

from datetime import UTC, datetime

from investigator import clock
from investigator.canary import job as canary_job
from investigator.composition import Program
from investigator.jobs.carrying import with_program
from investigator.quality.calibrating import calibrate as calibrate_from
from investigator.quality.digest import post_digest
from investigator.reconcile.job import reconcile as reconcile_with_sentry
from investigator.retention import sweep as sweep_old


def sweep() -> None:
    """Ask again for runs that got lost."""

    async def work(program: Program) -> None:
        await clock.sweep(program.incidents, program.jobs, now=datetime.now(UTC))

    with_program(work)


def quality_digest() -> None:
    """Tell the ops channel how good verdicts were, when that is due."""

    async def work(program: Program) -> None:
        await post_digest(program, datetime.now(UTC))

    with_program(work)


def calibrate() -> None:
    """Learn how sure analyses are to be shown from what was graded."""

    async def work(program: Program) -> None:
        await calibrate_from(program.store, datetime.now(UTC))

    with_program(work)


def canary(sent_at: float) -> None:
    """A trial webhook has come the whole way."""

    async def work(program: Program) -> None:
        await canary_job.arrive(program, sent_at)

    with_program(work)


def retention() -> None:
    """Forget what is older than it is to be kept."""

    async def work(program: Program) -> None:
        days = program.settings.pilot_retention_days
        await sweep_old(program.store, now=datetime.now(UTC), days=days)

    with_program(work)


def reconcile() -> None:
    """Find through Sentry's API what no webhook told us."""

    async def work(program: Program) -> None:
        await reconcile_with_sentry(program, datetime.now(UTC))

    with_program(work)
