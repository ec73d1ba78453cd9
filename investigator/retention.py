"""How long incidents are kept, and how one is forgotten when somebody asks.

An incident leaves whole when its issues have been quiet for as long. While an issue still has news, what is
known of its episodes must stay, or old webhooks would count as new ones: then the incident stays as a stub
without anything that Sentry, GitHub or a model said.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import WatchError

from investigator import keys
from investigator.incidents import UnknownIncident, parse_states, write_incident
from investigator.lessons import forget_incidents
from investigator.models.incident import Incident
from investigator.models.issue_state import IssueState
from investigator.quality.journal import forget_words
from investigator.store import begin, decoded

log = structlog.get_logger()

Outcome = Literal["gone", "stub", "kept"]

AT_ONCE = 500  # incidents looked at in one sweep
STREAMS = (keys.INBOX_DEAD, keys.AUDIT, keys.QUALITY_EVENTS)  # trimmed by the age of their entries
ERASED = "(erased)"


async def sweep(store: Redis, *, now: datetime, days: int) -> dict[Outcome, int]:
    """Forget what is older than `days`; how many incidents went, became stubs, or are still in use."""
    before = now - timedelta(days=days)
    old = await store.zrange(keys.INCIDENTS, "-inf", before.timestamp(), byscore=True, offset=0, num=AT_ONCE)
    outcomes: dict[Outcome, int] = {"gone": 0, "stub": 0, "kept": 0}
    left = set()
    for incident_id in map(decoded, old):
        outcome = await _forget(store, incident_id, before)
        outcomes[outcome] += 1
        left |= {incident_id} if outcome != "kept" else set()
    await forget_incidents(store, left)
    for stream in STREAMS:
        await store.xtrim(stream, minid=f"{int(before.timestamp() * 1000)}-0", approximate=False)
    if outcomes["gone"] or outcomes["stub"]:
        log.info("retention_swept", days=days, **outcomes)
    return outcomes


async def erase(store: Redis, incident_id: str) -> Outcome:
    """Forget this incident's content now, whatever its age.

    Raises:
        UnknownIncident: there is none of this number.
    """
    if not await store.exists(keys.incident(incident_id)):
        raise UnknownIncident(f"There is no incident #{incident_id}.")
    while (outcome := await _forget(store, incident_id, None)) == "kept":
        pass  # it changed under our hands: once more
    await forget_incidents(store, [incident_id])
    await forget_words(store, incident_id)
    await _forget_names(store)
    log.info("incident_erased", incident=incident_id, outcome=outcome)
    return outcome


async def _forget_names(store: Redis) -> None:
    """Of all people: whose name an incident told is not kept, and who is wanted again is looked up again."""
    for pattern in (keys.slack_name("*"), keys.slack_address("*")):
        async for key in store.scan_iter(match=pattern, count=1000):
            await store.unlink(key)


async def _forget(store: Redis, incident_id: str, before: datetime | None) -> Outcome:
    """`before`: only if nothing happened to it since; None: in any case."""
    async with store.pipeline(transaction=True) as pipe:
        await pipe.watch(keys.incident(incident_id))
        document = await pipe.get(keys.incident(incident_id))
        if document is None:
            await store.zrem(keys.INCIDENTS, incident_id)
            return "gone"
        incident = Incident.model_validate_json(document)
        issues = [keys.issue(issue_id) for issue_id in incident.issue_ids]
        if issues:
            await pipe.watch(*issues)
        states = parse_states(incident.issue_ids, await pipe.mget(issues) if issues else [])
        outcome = outcome_for(incident, states, before)
        if outcome == "kept":
            return outcome
        begin(pipe)
        _queue(pipe, incident, whole=outcome == "gone")
        try:
            await pipe.execute()
        except WatchError:
            return "kept"
        return outcome


def outcome_for(incident: Incident, states: Mapping[str, IssueState], before: datetime | None) -> Outcome:
    """What becomes of an incident. Pure. `before` None: it is to be erased now."""
    if before is None:
        return "stub"
    last = [incident.last_event_at, incident.resolved_at, *(run.requested_at for run in incident.runs)]
    if any(moment and moment >= before for moment in last):
        return "kept"
    in_use = any(state.status_at is None or state.status_at >= before for state in states.values())
    if not in_use:
        return "gone"
    return "kept" if incident.title == ERASED else "stub"


def stub_of(incident: Incident) -> Incident:
    """What must be remembered so that old news of its issues stays old. Pure."""
    return Incident(
        id=incident.id,
        version=incident.version + 1,
        status=incident.status,
        opened_at=incident.opened_at,
        opened_by=incident.opened_by,
        resolved_at=incident.resolved_at,
        service=incident.service,
        channel=incident.channel,
        issue_ids=incident.issue_ids,
        episode=incident.episode,
        title=ERASED,
        events=incident.events,
        last_event_at=incident.last_event_at,
        parent=incident.parent,
        merged_into=incident.merged_into,
        own_channel=incident.own_channel and incident.own_channel.model_copy(update={"closed": True}),
        # A run that is still waiting would find out again what was to be forgotten.
        runs=tuple(
            run.model_copy(update={"verdict": None, "suspect": None, "failure": None, "state": "done"})
            for run in incident.runs
        ),
    )


def _queue(pipe: Pipeline, incident: Incident, *, whole: bool) -> None:
    pipe.delete(keys.answers(incident.id))
    for member in incident.members:
        pipe.delete(keys.alert(member.key))
    for run in incident.runs:
        pipe.delete(keys.findings(incident.id, run.number), keys.suggested_fix(incident.id, run.number))
    if not whole:
        write_incident(pipe, stub_of(incident))
        return
    pipe.delete(keys.incident(incident.id), keys.incident_counts(incident.id))
    pipe.zrem(keys.INCIDENTS, incident.id)
    if incident.parent:
        pipe.delete(keys.thread(incident.parent.channel, incident.parent.ts))
    if incident.own_channel:
        pipe.delete(keys.incident_channel(incident.own_channel.id))
    for issue_id in incident.issue_ids:
        pipe.delete(keys.issue(issue_id))
