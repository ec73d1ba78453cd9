"""Mutes: what is known to be broken and needs no thread, until a moment that somebody named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from redis.asyncio import Redis

from investigator import keys
from investigator.models.incident import Incident
from investigator.models.mute import Mute
from investigator.store import decoded


async def mute(store: Redis, *mutes: Mute) -> None:
    """Keep them; a mute of the same subject is replaced."""
    await store.hset(keys.MUTES, mapping={each.subject: each.model_dump_json() for each in mutes})


async def unmute(store: Redis, *subjects: str) -> bool:
    """Forget them; False when none of them was muted."""
    return bool(await store.hdel(keys.MUTES, *subjects))


async def standing(store: Redis, at: datetime) -> list[Mute]:
    """Those that have not ended, the one that ends first at the front; ended ones are forgotten."""
    kept = [Mute.model_validate_json(decoded(each)) for each in await store.hvals(keys.MUTES)]
    if ended := [each.subject for each in kept if each.until <= at]:
        await store.hdel(keys.MUTES, *ended)
    return sorted((each for each in kept if each.until > at), key=lambda each: each.until)


def covering(mutes: Sequence[Mute], incident: Incident) -> Mute | None:
    """The mute that lasts longest of those that cover this incident: its service, or all of its issues."""
    by_subject = {each.subject: each for each in mutes}
    issues = [by_subject.get(issue_subject(issue_id)) for issue_id in incident.issue_ids]
    of_issues = [each for each in issues if each is not None]
    candidates = (
        [min(of_issues, key=lambda each: each.until)] if issues and len(of_issues) == len(issues) else []
    )
    if of_service := by_subject.get(service_subject(incident.service)):
        candidates.append(of_service)
    return max(candidates, key=lambda each: each.until, default=None)


def issue_subject(issue_id: str) -> str:
    return f"issue:{issue_id}"


def service_subject(name: str) -> str:
    return f"service:{name}"
