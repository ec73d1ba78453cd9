"""What to click to get to a message."""

from __future__ import annotations

import structlog

from investigator.composition import Program
from investigator.errors import OutsideCallFailed
from investigator.models.incident import ParentMessage

log = structlog.get_logger()


async def permalink(program: Program, at: ParentMessage) -> str | None:
    """None while Slack does not tell: people still have the incident's number."""
    try:
        answer = await program.slack.call("chat.getPermalink", channel=at.channel, message_ts=at.ts)
    except OutsideCallFailed as failure:
        log.info("no_permalink", channel=at.channel, ts=at.ts, error=str(failure))
        return None
    return str(answer.get("permalink") or "") or None
