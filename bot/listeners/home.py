"""App Home: what is open, what is mine, how the bot is doing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import structlog
from redis.exceptions import RedisError
from slack_bolt.async_app import AsyncApp

from bot.verbs.ask import open_incidents
from investigator.composition import Program, observer_of
from investigator.errors import OutsideCallFailed
from investigator.health.rules import findings
from investigator.health.words import tell_all
from investigator.models.service import Service
from investigator.mutes import standing
from investigator.quality.report import report
from investigator.user_groups import members

log = structlog.get_logger()

QUALITY_DAYS = 7


def register(app: AsyncApp, program: Program) -> None:
    @app.event("app_home_opened")
    async def opened(event: dict[str, Any]) -> None:
        """Bolt acknowledges events by itself. A home that cannot be shown now keeps what it showed."""
        if event.get("tab", "home") != "home":
            return
        try:
            await publish(program, event["user"], datetime.now(UTC))
        except (RedisError, OutsideCallFailed) as problem:
            log.warning("home_not_published", error=str(problem))


async def publish(program: Program, user: str, now: datetime) -> None:
    """Raises: RedisError, OutsideCallFailed."""
    snapshot = await observer_of(program.settings, program.store).snapshot()
    view = program.renderer.view(
        "home",
        incidents=await open_incidents(program),
        mutes=await standing(program.store, now),
        services=await _services_of(program, user),
        user=user,
        findings=tell_all(findings(snapshot)),
        quality=await report(program.store, now=now, days=QUALITY_DAYS),
        now=now,
    )
    await program.slack.call("views.publish", user_id=user, view=view)


async def _services_of(program: Program, user: str) -> list[Service]:
    """Services whose user groups this person is in; none while Slack does not tell."""
    mine = []
    for service in program.catalog.services:
        for group in service.pull_requests.allowed_groups:
            try:
                found = await members(program.slack, program.store, group)
            except OutsideCallFailed as failure:
                log.warning("user_groups_unknown", group=group, error=str(failure))
                return []
            if found and user in found:
                mine.append(service)
                break
    return mine
