"""The postmortem into the thread, as a file."""

from __future__ import annotations

from datetime import UTC, datetime

from investigator import keys
from investigator.audit import entries
from investigator.composition import Program
from investigator.errors import PilotError
from investigator.investigation import latest_report
from investigator.postmortem import postmortem
from investigator.thread import REMEMBER_SECONDS

ACTS = 5_000  # of the newest in the audit log, among which those of the incident are


async def post_postmortem(program: Program, incident_id: str, request: str) -> None:
    """Write it and upload it, once for each asking; somebody who dies right after it may leave it twice.

    Raises:
        OutsideCallFailed: Slack cannot be reached; the job is to be tried again.
    """
    if await program.store.exists(keys.said(request)):
        return
    incident = await program.incidents.get(incident_id)
    if incident.parent is None:
        raise PilotError(f"incident #{incident.id} has no thread")
    acts = [each for each in await entries(program.store, newest=ACTS) if each.incident == incident.id]
    document = postmortem(incident, await latest_report(program, incident), acts, at=datetime.now(UTC))
    await program.slack.upload(
        f"postmortem-{incident.id}.md",
        document.encode(),
        title=f"Postmortem of #{incident.id}",
        share=incident.parent,
    )
    await program.store.set(keys.said(request), "{}", ex=REMEMBER_SECONDS)
