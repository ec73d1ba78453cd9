"""The dialog of `investigate` without an issue: recent ones to choose from, or one's own words."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import structlog

from bot.verbs.ask import Ask
from investigator.composition import Program
from investigator.deadline import Deadline
from investigator.errors import OutsideCallFailed
from investigator.models.incident import Incident
from investigator.models.message import Message
from investigator.models.sentry import SentryIssue

log = structlog.get_logger()

CALLBACK = "pilot_investigate"
SHOWN = 25  # of each kind
LOOK_BACK = timedelta(hours=24)
SENTRY_SECONDS = 4.0


async def open_dialog(program: Program, ask: Ask) -> Message:
    """Open it at once, as its trigger lives for 3 seconds; then fill it.

    Raises:
        OutsideCallFailed: Slack did not open it.
    """
    metadata = json.dumps({"channel": ask.channel, "reply_to": ask.reply_to})
    waiting = program.renderer.view("investigate", metadata=metadata, issues=None, incidents=())
    opened = await program.slack.call("views.open", trigger_id=ask.trigger, view=waiting)
    issues, incidents = await asyncio.gather(_issues(program), program.incidents.recent(SHOWN))
    filled = program.renderer.view(
        "investigate", metadata=metadata, issues=_unmet(issues, incidents), incidents=incidents
    )
    await program.slack.call("views.update", view_id=opened["view"]["id"], view=filled)
    return program.renderer.render("dialog")


async def _issues(program: Program) -> list[SentryIssue]:
    """The newest of Sentry's; none while it cannot be asked, as the dialog takes typed ones too."""
    sentry = program.outside.sentry
    if sentry is None:
        return []
    now = datetime.now(UTC)
    try:
        page = await sentry.issues_page(now - LOOK_BACK, now, deadline=Deadline.after(SENTRY_SECONDS))
    except OutsideCallFailed as failure:
        log.warning("issues_not_listed", error=str(failure))
        return []
    return [issue for issue in page.issues if issue.status not in {"resolved", "ignored"}][:SHOWN]


def _unmet(issues: list[SentryIssue], incidents: list[Incident]) -> list[SentryIssue]:
    """Issues that have no incident among those shown beside them. Pure."""
    known = {issue_id for incident in incidents for issue_id in incident.issue_ids}
    return [issue for issue in issues if issue.id not in known]
