"""App Home: what is open, what is mine, how the bot is doing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
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
from investigator.models.incident import Incident
from investigator.models.service import Service
from investigator.mutes import standing
from investigator.people import in_slack, slack_users
from investigator.permalink import permalink
from investigator.quality.report import report

log = structlog.get_logger()

QUALITY_DAYS = 7
SHOWN = 10  # incidents; of no more it is looked where their thread is and whose code failed


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
    incidents = await open_incidents(program)
    view = program.renderer.view(
        "home",
        incidents=incidents,
        threads=await _threads(program, incidents[:SHOWN]),
        owned=await _owned_by(program, user, incidents[:SHOWN]),
        mutes=await standing(program.store, now),
        services=await _services_of(program, user),
        user=user,
        findings=tell_all(findings(snapshot)),
        quality=await report(program.store, now=now, days=QUALITY_DAYS),
        now=now,
    )
    await program.slack.call("views.publish", user_id=user, view=view)


async def _threads(program: Program, incidents: Sequence[Incident]) -> dict[str, str | None]:
    """Addresses of their threads, by the incident's number."""
    posted = [(incident.id, incident.parent) for incident in incidents if incident.parent]
    links = await asyncio.gather(*(permalink(program, parent) for _, parent in posted))
    return {number: link for (number, _), link in zip(posted, links, strict=True)}


async def _services_of(program: Program, user: str) -> list[Service]:
    """Services that the catalogue says are this person's, or whose user groups they are in."""
    return [
        service
        for service in program.catalog.services
        if await _is_among(
            program, user, (*service.owners, *(f"@{each}" for each in service.pull_requests.allowed_groups))
        )
    ]


async def _owned_by(program: Program, user: str, incidents: Sequence[Incident]) -> list[str]:
    """Numbers of the incidents in whose code CODEOWNERS names this person."""
    owned = []
    for incident in incidents:
        run = incident.run
        findings = await program.incidents.findings(incident.id, run.number) if run else None
        ownership = findings.code.ownership if findings else None
        owners = in_slack(ownership.owners, program.catalog.people).users if ownership else ()
        if await _is_among(program, user, owners):
            owned.append(incident.id)
    return owned


async def _is_among(program: Program, user: str, named: Sequence[str]) -> bool:
    """False while Slack does not tell who they are."""
    try:
        return user in (await slack_users(program.slack, program.store, named)).users
    except OutsideCallFailed as failure:
        log.warning("people_unknown", error=str(failure))
        return False
