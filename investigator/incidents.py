"""Incident documents in the store.

Documents change by compare-and-set on their `version`. What changes with every alert (how many, and the last)
lives beside the document, so that a storm does not fight with the worker that writes the verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import WatchError

from investigator import keys
from investigator.errors import PilotError
from investigator.models.alert import AlertRecord
from investigator.models.incident import Findings, Incident
from investigator.models.issue_state import Episode, IssueState
from investigator.models.suggestion import SuggestedFix
from investigator.store import begin, decoded

Change = Callable[[Incident], Incident]

FINDINGS_SECONDS = 30 * 24 * 3600
_CONFLICTS = 20


class UnknownIncident(PilotError):
    """There is no incident of that number."""


class Incidents:
    """All reading and writing of incidents and issue states. Raises redis errors as they come."""

    def __init__(self, store: Redis) -> None:
        self._store = store

    async def get(self, incident_id: str) -> Incident:
        """Raises: UnknownIncident."""
        found = (await self.get_many([incident_id]))[0]
        if found is None:
            raise UnknownIncident(
                f"There is no incident #{incident_id}; `/pilot status` lists the open ones."
            )
        return found

    async def get_many(self, incident_ids: Sequence[str]) -> list[Incident | None]:
        async with self._store.pipeline(transaction=False) as pipe:
            for incident_id in incident_ids:
                pipe.get(keys.incident(incident_id))
                pipe.hgetall(keys.incident_counts(incident_id))
            answers = await pipe.execute()
        return [_read(document, counts) for document, counts in zip(answers[::2], answers[1::2], strict=True)]

    async def update(self, incident_id: str, change: Change) -> Incident:
        """Apply a pure change to the newest version; returns what was stored.

        Raises:
            UnknownIncident: when there is nothing to change.
        """
        key = keys.incident(incident_id)
        for _ in range(_CONFLICTS):
            async with self._store.pipeline(transaction=True) as pipe:
                await pipe.watch(key)
                document = await pipe.get(key)
                if document is None:
                    raise UnknownIncident(f"There is no incident #{incident_id}.")
                before = Incident.model_validate_json(document)
                after = change(before)
                if after == before:
                    return await self.get(incident_id)
                after = after.model_copy(update={"version": before.version + 1})
                begin(pipe)
                write_incident(pipe, after)
                try:
                    await pipe.execute()
                except WatchError:
                    continue
                return await self.get(incident_id)
        raise PilotError(f"incident #{incident_id} changed {_CONFLICTS} times while it was being written")

    async def recent(self, limit: int = 50) -> list[Incident]:
        """The newest incidents, newest first, whatever their status."""
        found = [
            decoded(member) for member in await self._store.zrange(keys.INCIDENTS, 0, limit - 1, desc=True)
        ]
        return [incident for incident in await self.get_many(found) if incident]

    async def by_thread(self, channel: str, ts: str) -> Incident | None:
        found = await self._store.get(keys.thread(channel, ts))
        return await self.get(decoded(found)) if found else None

    async def by_channel(self, channel: str) -> Incident | None:
        """The incident whose own channel this is."""
        found = await self._store.get(keys.incident_channel(channel))
        return await self.get(decoded(found)) if found else None

    async def new_ids(self, count: int) -> list[str]:
        last = int(await self._store.incrby(keys.INCIDENT_COUNTER, count))
        return [str(number) for number in range(last - count + 1, last + 1)]

    async def issue_states(self, issue_ids: Sequence[str]) -> dict[str, IssueState]:
        if not issue_ids:
            return {}
        documents = await self._store.mget([keys.issue(issue_id) for issue_id in issue_ids])
        return parse_states(issue_ids, documents)

    async def alert(self, alert_key: str) -> AlertRecord | None:
        """What was told of one episode of one issue; None when that was too long ago."""
        document = await self._store.get(keys.alert(alert_key))
        return AlertRecord.model_validate_json(document) if document else None

    async def save_findings(self, incident_id: str, run: int, findings: Findings) -> None:
        await self._store.set(
            keys.findings(incident_id, run), findings.model_dump_json(), ex=FINDINGS_SECONDS
        )

    async def findings(self, incident_id: str, run: int) -> Findings | None:
        """What a run found out; None when it never finished or was too long ago."""
        document = await self._store.get(keys.findings(incident_id, run))
        return Findings.model_validate_json(document) if document else None

    async def save_suggestion(self, fix: SuggestedFix) -> None:
        key = keys.suggested_fix(fix.incident, fix.run)
        await self._store.set(key, fix.model_dump_json(), ex=FINDINGS_SECONDS)

    async def suggestion(self, incident_id: str, run: int) -> SuggestedFix | None:
        """What a model suggested for a run; None when it was not asked, or too long ago."""
        document = await self._store.get(keys.suggested_fix(incident_id, run))
        return SuggestedFix.model_validate_json(document) if document else None


def write_incident(pipe: Pipeline, incident: Incident) -> None:
    """Queue the writes that keep an incident's document and its indexes together."""
    pipe.set(keys.incident(incident.id), incident.model_dump_json())
    pipe.zadd(keys.INCIDENTS, {incident.id: incident.opened_at.timestamp()})
    if incident.parent:
        pipe.set(keys.thread(incident.parent.channel, incident.parent.ts), incident.id)
    if incident.own_channel:
        pipe.set(keys.incident_channel(incident.own_channel.id), incident.id)


def write_count(pipe: Pipeline, episode: Episode) -> None:
    """Queue what is counted of an episode, where its incident finds it."""
    if episode.incident_id:
        count = f"{episode.events} {episode.last_event_at.timestamp()}"
        pipe.hset(keys.incident_counts(episode.incident_id), episode.alert_key, count)


def parse_states(issue_ids: Sequence[str], documents: Sequence[bytes | str | None]) -> dict[str, IssueState]:
    return {
        issue_id: IssueState.model_validate_json(document)
        for issue_id, document in zip(issue_ids, documents, strict=True)
        if document
    }


def counted(incident: Incident, counts: Mapping[str, tuple[int, float]]) -> Incident:
    """The incident with what its alerts counted: (events, seconds since 1970 of the newest) by alert key."""
    if not counts:
        return incident
    events = {key: max(1, found) for key, (found, _) in counts.items()}
    members = (m.model_copy(update={"events": events.get(m.key, 1)}) for m in incident.members)
    last = max(last for _, last in counts.values())
    return incident.model_copy(
        update={
            "members": tuple(members),
            "events": max(1, sum(events for events, _ in counts.values())),
            "last_event_at": datetime.fromtimestamp(last, UTC),
        }
    )


def _read(document: bytes | None, counts: Mapping[bytes, bytes]) -> Incident | None:
    if document is None:
        return None
    incident = Incident.model_validate_json(document)
    if counts.keys() == {b"events", b"last"}:  # as it was written before incidents had several alerts
        return counted(incident, {"": (int(counts[b"events"]), float(counts[b"last"]))})
    pairs = {decoded(key): value.split() for key, value in counts.items() if b" " in value}
    return counted(incident, {key: (int(events), float(last)) for key, (events, last) in pairs.items()})
