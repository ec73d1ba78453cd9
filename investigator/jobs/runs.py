"""What an incident's thread tells, from the parent message to the postmortem."""

from __future__ import annotations

import asyncio
import time

from investigator import announcing, cascading
from investigator.composition import Program
from investigator.counters import INVESTIGATIONS
from investigator.histograms import INVESTIGATION_SECONDS
from investigator.investigation import give_up, post_expansion
from investigator.investigation import investigate as run_investigation
from investigator.jobs.carrying import WORK_SECONDS, alone, reason, slack_is_away, tries_left
from investigator.postmortem_job import post_postmortem


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
            failed = tries_left() == 0 and not slack_is_away(error)
            if failed:
                await give_up(program, incident_id, run, reason(error))
            await INVESTIGATIONS.add(program.store, "failed" if failed else "retried")
            raise
        await INVESTIGATIONS.add(program.store, "done")
        await INVESTIGATION_SECONDS.observe(program.store, time.monotonic() - started)

    alone(incident_id, work)


def announce(incident_id: str) -> None:
    """Post the parent of an incident whose investigation has to wait."""

    async def work(program: Program) -> None:
        await announcing.announce(program, incident_id)

    alone(incident_id, work)


def show_cascade(incident_id: str) -> None:
    """Show whom an incident of several alerts hit, and what it began with."""

    async def work(program: Program) -> None:
        await cascading.show_cascade(program, incident_id)

    alone(incident_id, work)


def refresh(incident_id: str) -> None:
    """Edit the parent message to what is known now: counters, resolved or not."""

    async def work(program: Program) -> None:
        await announcing.refresh(program, incident_id)

    alone(incident_id, work)


def expand(incident_id: str, part: str) -> None:
    """Post all that a run found out, or one part of it, into the thread."""

    async def work(program: Program) -> None:
        await post_expansion(program, incident_id, part)

    alone(incident_id, work)


def postmortem(incident_id: str, request: str) -> None:
    """Write down what happened when, and put it into the thread."""

    async def work(program: Program) -> None:
        await post_postmortem(program, incident_id, request)

    alone(incident_id, work)
