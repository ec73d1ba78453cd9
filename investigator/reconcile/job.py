"""The clock's `reconcile` job: one sweep, told in the log, the counters and, where it matters, in Slack."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from investigator import keys
from investigator.composition import Program
from investigator.counters import RECONCILE_DELIVERIES, RECONCILE_SWEEPS
from investigator.deadline import Deadline
from investigator.errors import OutsideCallFailed, StoreUnavailable
from investigator.inbox_reader import InboxReader
from investigator.inbox_writer import InboxWriter
from investigator.reconcile.sweep import Sweeper, Swept
from investigator.reconcile.window import Unheard
from investigator.sentry.client import SentryClient
from investigator.store import as_unavailable

log = structlog.get_logger(__name__)

BUDGET_SECONDS = 30.0  # a worker that sweeps investigates nothing meanwhile
TRIAGE_BEHIND_SECONDS = 60.0
CHECK_INTEGRATION = (
    "in Sentry, see that the integration is installed, that its webhook URL leads here, and that it is "
    "subscribed to issues or is the action of an alert rule of this project"
)
_NEXT_SWEEP = "nothing to do: the next sweep looks at the same time again"
_REMEDIES = {
    "unauthorized": "make a new token for the integration in Sentry and set SENTRY_AUTH_TOKEN to it",
    "forbidden": "give the integration in Sentry the permission to read issues and events",
    "not_found": "set SENTRY_ORG to the organization's slug, and SENTRY_URL to where it is",
}


async def reconcile(program: Program, now: datetime) -> None:
    """Sweep once, unless another sweep is under way or was made a moment ago."""
    sentry, every = program.outside.sentry, program.settings.pilot_reconcile_seconds
    if sentry is None or not every:
        return
    try:
        with as_unavailable():
            if not await program.store.set(keys.RECONCILE_TURN, "1", nx=True, ex=max(1, every // 2)):
                return
            if await _triage_is_behind(program, now):
                return
            swept = await _sweep(program, sentry, every, now)
            await _tell(program, swept)
            await _warn(program, swept.silent, now)
    except StoreUnavailable as error:
        log.warning("reconcile_failed", kind="store_unavailable", error=str(error), remedy=_NEXT_SWEEP)


async def _triage_is_behind(program: Program, now: datetime) -> bool:
    """What waits in the inbox is in no record yet, so everything would look as if nobody had told us."""
    age = await InboxReader(program.store, "reconcile").oldest_age(now)
    if age <= TRIAGE_BEHIND_SECONDS:
        return False
    log.warning("reconcile_postponed", inbox_oldest_seconds=round(age), remedy="see that `pilot triage` runs")
    await RECONCILE_SWEEPS.add(program.store, "triage_behind")
    return True


async def _sweep(program: Program, sentry: SentryClient, every: int, now: datetime) -> Swept:
    writer = InboxWriter(program.store, program.durability)
    sweeper = Sweeper(program.store, sentry, program.incidents, writer, timedelta(seconds=every))
    return await sweeper.sweep(now, Deadline.after(min(BUDGET_SECONDS, every / 2)))


async def _tell(program: Program, swept: Swept) -> None:
    result = swept.result
    await RECONCILE_SWEEPS.add(program.store, result)
    if swept.deliveries:
        await RECONCILE_DELIVERIES.add(program.store, amount=swept.deliveries)
    log.info(
        "reconciled",
        result=result,
        start=swept.window.start.isoformat(),
        end=swept.window.end.isoformat(),
        issues=swept.issues,
        deliveries=swept.deliveries,
    )
    if swept.failure:
        remedy = _REMEDIES.get(swept.failure.kind)
        report = log.error if remedy else log.warning
        report("reconcile_failed", kind=result, error=str(swept.failure), remedy=remedy or _NEXT_SWEEP)
    elif not swept.complete:
        log.warning(
            "reconcile_unfinished", issues=swept.issues, remedy="nothing to do: the next sweep goes on"
        )


async def _warn(program: Program, silent: Mapping[str, Unheard], now: datetime) -> None:
    """Dead man's switch: each silent project in the log at every sweep, and in Slack once a day."""
    for project, record in silent.items():
        log.error(
            "webhooks_silent",
            project=project,
            since=record.since.isoformat(),
            issues=len(record.issues),
            remedy=CHECK_INTEGRATION,
        )
        message = program.renderer.render("webhooks_silent", project=project, record=record)
        key, channel = f"webhooks_silent:{project}:{now:%Y-%m-%d}", program.catalog.default_channel
        try:
            await program.thread.say(key, message, incident="", channel=channel)
        except OutsideCallFailed as failure:
            log.warning("warning_not_posted", project=project, error=str(failure))
