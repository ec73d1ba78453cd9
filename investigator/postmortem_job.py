"""The postmortem into the thread: as a canvas to go on writing, where there are canvases, else as a file."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog

from investigator import keys
from investigator.audit import entries
from investigator.composition import Program
from investigator.erasing import ANNOUNCES_CANVAS
from investigator.errors import PilotError
from investigator.investigation import latest_report
from investigator.models.incident import Incident, ParentMessage
from investigator.people import names_of
from investigator.postmortem import people_in, postmortem
from investigator.run_messages import reply
from investigator.slack import SlackRefused
from investigator.thread import REMEMBER_SECONDS

log = structlog.get_logger()

ACTS = 5_000  # of the newest in the audit log, among which those of the incident are


async def post_postmortem(program: Program, incident_id: str, request: str) -> None:
    """Write it and show it, once for each asking; somebody who dies right after it may leave it twice.

    Raises:
        OutsideCallFailed: Slack cannot be reached; the job is to be tried again.
    """
    if await program.store.exists(keys.said(request)):
        return
    incident = await program.incidents.get(incident_id)
    if incident.parent is None:
        raise PilotError(f"incident #{incident.id} has no thread")
    acts = [each for each in await entries(program.store, newest=ACTS) if each.incident == incident.id]
    write = partial(postmortem, incident, await latest_report(program, incident), acts, at=datetime.now(UTC))
    try:
        await _as_canvas(program, incident, incident.parent, write(), request)
    except SlackRefused as refusal:  # a plan without canvases, a missing scope, a rule of the workspace
        if refusal.kind == "unauthorized":
            raise
        log.info("no_canvas", incident=incident.id, code=refusal.code)
        names = await names_of(program.slack, program.store, people_in(incident, acts))
        await program.slack.upload(
            f"postmortem-{incident.id}.md",
            write(names=names).encode(),
            title=f"Postmortem of #{incident.id}",
            share=incident.parent,
        )
    await program.store.set(keys.said(request), "{}", ex=REMEMBER_SECONDS)


async def _as_canvas(
    program: Program, incident: Incident, parent: ParentMessage, document: str, request: str
) -> None:
    """Slack lets a channel into a canvas only after the canvas was shared there."""
    tab: dict[str, Any] = {"channel_id": incident.own_channel.id} if incident.own_channel else {}
    made = await program.slack.call(
        "canvases.create",
        title=f"Postmortem of #{incident.id}",
        document_content={"type": "markdown", "markdown": document},
        **tab,
    )
    workspace = await program.slack.call("auth.test")
    url = f"{workspace['url']}docs/{workspace['team_id']}/{made['canvas_id']}"
    message = program.renderer.render("postmortem_canvas", incident=incident, url=url)
    await reply(program, incident, f"{request}{ANNOUNCES_CANVAS}", message)
    await program.slack.call(
        "canvases.access.set",
        canvas_id=made["canvas_id"],
        access_level="write",
        channel_ids=[parent.channel],
    )
