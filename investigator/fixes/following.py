"""Fix pull requests are looked at by the clock and when GitHub tells of one; the thread says what is new."""

from __future__ import annotations

from datetime import UTC, datetime

import structlog
from redis.asyncio import Redis

from investigator import keys
from investigator.composition import Program
from investigator.deadline import Deadline
from investigator.errors import OutsideCallFailed
from investigator.fixes import quality
from investigator.fixes.aftermath import (
    What,
    after_deploy,
    fell_silent,
    heard,
    is_over,
    whats_new,
)
from investigator.github.pull_news import pull_news
from investigator.github.repository import Repository
from investigator.investigation import latest_report, show_verdict
from investigator.models.fix import FixPull
from investigator.models.incident import Incident
from investigator.run_messages import reply, service_of
from investigator.store import as_unavailable, decoded

log = structlog.get_logger()

FOLLOW_SECONDS = 20.0  # for one pull request
_OUTCOMES: dict[What, quality.Outcome] = {
    "merged": "fix_merged",
    "closed": "fix_closed",
    "reverted": "fix_reverted",
    "quiet": "fix_quiet",
}


async def incidents_followed(store: Redis) -> list[str]:
    """Incidents with a pull request of which something is still expected."""
    return sorted(decoded(each) for each in await store.smembers(keys.FIXES_FOLLOWED))


async def followed(store: Redis) -> bool:
    """Whether there is any such incident.

    Raises:
        StoreUnavailable: it cannot be told now.
    """
    with as_unavailable():
        return bool(await store.exists(keys.FIXES_FOLLOWED))


async def follow(program: Program, incident_id: str, now: datetime) -> None:
    """Look at the pull requests of an incident, and tell what is new.

    Raises:
        OutsideCallFailed: Slack cannot be reached; nothing is forgotten, the next look tells it.
    """
    (incident,) = await program.incidents.get_many([incident_id])
    if incident is None:  # it was erased, or is older than is kept
        await program.store.srem(keys.FIXES_FOLLOWED, incident_id)
        return
    for pull in incident.fixes:
        if is_over(pull, now):
            continue
        try:
            after = await _looked_at(program, incident, pull, now)
        except OutsideCallFailed as failure:
            log.warning("fix_not_followed", incident=incident_id, number=pull.number, error=str(failure))
            continue
        if after != pull:
            await _tell(program, incident, pull, after)
    incident = await program.incidents.get(incident_id)
    if all(is_over(pull, now) for pull in incident.fixes):
        await program.store.srem(keys.FIXES_FOLLOWED, incident_id)


async def _looked_at(program: Program, incident: Incident, pull: FixPull, now: datetime) -> FixPull:
    github = program.outside.github
    if github is None:
        return pull
    repository = github.repository(pull.repository, Deadline.after(FOLLOW_SECONDS))
    after = heard(pull, await pull_news(repository, pull.number))
    if after.state == "merged" and after.merge_sha and after.deployed_at is None:
        environment = service_of(program, incident).environment
        after = await _with_deploy(repository, after, after.merge_sha, environment, now)
    return fell_silent(after, await _last_seen(program, incident), now) if after.deployed_at else after


async def _with_deploy(
    repository: Repository, pull: FixPull, sha: str, environment: str, now: datetime
) -> FixPull:
    facts = await repository.head_facts(environments=(environment,), until=now)
    told = await repository.deploys_told()
    for deploy in after_deploy(pull, (*told, *facts.deploys), environment):
        if deploy.sha and (await repository.compare(sha, deploy.sha)).status in ("ahead", "identical"):
            return pull.model_copy(update={"deployed_at": deploy.at})
    return pull


async def _last_seen(program: Program, incident: Incident) -> datetime | None:
    """When the error was seen last, by alerts and, where it can be asked, by Sentry."""
    seen = [incident.last_event_at]
    if program.outside.sentry:
        for issue_id in incident.issue_ids:
            issue = await program.outside.sentry.issue(issue_id)
            seen.append(issue.last_seen)
    return max(filter(None, seen), default=None)


async def _tell(program: Program, incident: Incident, before: FixPull, after: FixPull) -> None:
    """Said before it is remembered: what is remembered is never said again."""
    for what in whats_new(before, after):
        message = program.renderer.render("fix_news", incident=incident, pull=after, what=what)
        key = f"{incident.id}:fix:{after.number}:{before.told}:{what}"
        await reply(program, incident, key, message)
        if outcome := _OUTCOMES.get(what):
            await quality.note(program.store, outcome, incident.id, after, datetime.now(UTC))
        log.info("fix_news", incident=incident.id, number=after.number, what=what)
    after = after.model_copy(update={"told": before.told + 1})
    incident = await program.incidents.update(
        incident.id,
        lambda current: current.model_copy(
            update={
                "fixes": tuple(
                    after if each.number == after.number and each.repository == after.repository else each
                    for each in current.fixes
                )
            }
        ),
    )
    await show_verdict(program, incident, await latest_report(program, incident))
