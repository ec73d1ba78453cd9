"""What Slack refuses the bot is told to whoever runs it: once for each cause and day, not each incident."""

from __future__ import annotations

from datetime import UTC, datetime

import structlog
from redis.exceptions import RedisError

from investigator.composition import Program
from investigator.errors import OutsideCallFailed
from investigator.slack import SlackRefused

log = structlog.get_logger()


async def tell_ops(program: Program, refusal: SlackRefused, channel: str = "") -> None:
    """Say in the ops channel what was refused and what to do; only what we know a remedy for.

    `channel` is the one it is about, if it is about one. A token that Slack no longer takes cannot say
    anything: that is in the log, and the watchdog pages it by other ways.
    """
    if refusal.remedy is None:
        return
    if refusal.kind == "unauthorized":
        log.error("slack_refuses_the_token", code=refusal.code, remedy=refusal.remedy)
        return
    message = program.renderer.render("refused", refusal=refusal.detail, code=refusal.code, channel=channel)
    cause = f"{refusal.code}:{refusal.needed}" if refusal.needed else refusal.code
    key = f"ops:{cause}:{channel}:{datetime.now(UTC).date().isoformat()}"
    where = program.settings.pilot_ops_channel or program.catalog.default_channel
    try:
        await program.thread.say(key, message, incident="", channel=where)
    except (OutsideCallFailed, RedisError) as failure:
        log.error("ops_not_told", code=refusal.code, channel=channel, error=str(failure))
