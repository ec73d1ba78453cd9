"""What to click to get to a message."""

from __future__ import annotations

import structlog

from investigator import keys
from investigator.composition import Program
from investigator.errors import OutsideCallFailed
from investigator.models.incident import ParentMessage
from investigator.store import decoded

log = structlog.get_logger()

KEPT_SECONDS = 7 * 24 * 3600


async def permalink(program: Program, at: ParentMessage) -> str | None:
    """None while Slack does not tell: people still have the incident's number.

    Raises: RedisError.
    """
    key = keys.slack_permalink(at.channel, at.ts)
    if known := await program.store.get(key):
        return decoded(known)
    try:
        answer = await program.slack.call("chat.getPermalink", channel=at.channel, message_ts=at.ts)
    except OutsideCallFailed as failure:
        log.info("no_permalink", channel=at.channel, ts=at.ts, error=str(failure))
        return None
    if told := str(answer.get("permalink") or ""):
        await program.store.set(key, told, ex=KEPT_SECONDS)
    return told or None
