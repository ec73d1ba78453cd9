"""Links to Sentry issues, unfurled with the state of their incident."""

from __future__ import annotations

from typing import Any

import structlog
from redis.exceptions import RedisError
from slack_bolt.async_app import AsyncApp

from bot.listeners.sentry_links import is_ours
from bot.verbs.ask import LOOKED_AT
from investigator.composition import Program
from investigator.errors import OutsideCallFailed
from investigator.models.incident import Incident
from investigator.references import parse_reference

log = structlog.get_logger()


def register(app: AsyncApp, program: Program) -> None:
    @app.event("link_shared")
    async def link_shared(event: dict[str, Any]) -> None:
        """Bolt acknowledges events by itself. What we know nothing of stays a plain link."""
        try:
            await unfurl(program, event)
        except (RedisError, OutsideCallFailed) as problem:
            log.warning("not_unfurled", error=str(problem))


async def unfurl(program: Program, event: dict[str, Any]) -> None:
    """Raises: RedisError, OutsideCallFailed."""
    unfurls = {}
    for address in {str(link["url"]) for link in event.get("links", [])}:
        if is_ours(address, program.settings.sentry_url) and (incident := await _of(program, address)):
            message = program.renderer.render("unfurl", incident=incident)
            unfurls[address] = {"blocks": list(message.blocks)}
    if unfurls:
        where = {"channel": event["channel"], "ts": event["message_ts"]}
        await program.slack.call("chat.unfurl", **where, unfurls=unfurls)


async def _of(program: Program, address: str) -> Incident | None:
    """The newest incident of the issue at this address."""
    reference = parse_reference(address)
    if reference is None:
        return None
    recent = await program.incidents.recent(LOOKED_AT)
    return next((it for it in recent if reference.value in {*it.issue_ids, it.short_id}), None)
