"""Recorded deliveries through the real triage, on their own clock and in memory: nothing is sent anywhere."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

import orjson

from investigator.cascade.words import reason
from investigator.catalog import Catalog
from investigator.delivery import Delivery
from investigator.errors import BadPayload
from investigator.inbox_reader import Entry
from investigator.memory_books import MemoryBooks
from investigator.models.base import Value
from investigator.models.incident import Incident
from investigator.sentry.body import read_object
from investigator.sentry.coerce import mapping, moment
from investigator.triage_batch import triage_batch

_Received = TypeVar("_Received")

UNREADABLE = "unreadable line"
BATCH_SECONDS = 2.0
BATCH = 200  # deliveries; bounds memory
LONE_CONFIDENCE = 0.5  # of an episode that ended before it could be compared with others


class Root(Value):
    """Where the trouble began: a service, or infrastructure as `kind:name`. `confidence` is a probability."""

    service: str
    confidence: float
    reasons: tuple[str, ...]


class Replayed(Value):
    """One incident as the deliveries left it."""

    id: str
    opened_at: datetime
    services: tuple[str, ...]
    issues: tuple[str, ...]
    root: Root
    root_ranking: tuple[tuple[str, float], ...]  # service and score, best first
    investigations: int
    deliveries: int


def batches(received: Sequence[_Received], at: Callable[[_Received], datetime]) -> Iterator[list[_Received]]:
    """What triage would have got at once: things in the order of their receipt, cut every two seconds.

    An incident is told of, and investigated, before a later batch can say that it was part of another.
    """
    batch: list[_Received] = []
    for one in received:
        if batch and (len(batch) == BATCH or (at(one) - at(batch[0])).total_seconds() > BATCH_SECONDS):
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch


class Replay:
    """Takes deliveries in the order of their receipt, in batches as of `batches`."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._books = MemoryBooks()
        self._told: Counter[str] = Counter()
        self.ignored: Counter[str] = Counter()
        self.deliveries = 0

    async def take(self, deliveries: Sequence[Delivery]) -> None:
        entries = [
            Entry(f"{self.deliveries + number}-0", delivery) for number, delivery in enumerate(deliveries, 1)
        ]
        self.deliveries += len(entries)
        result, refused = await triage_batch(self._books, entries, self._catalog)
        self._told += result.told
        self.ignored += result.ignored
        self.ignored.update(found.reason for found in refused)

    def unreadable(self) -> None:
        """Count a line that holds no delivery."""
        self.deliveries += 1
        self.ignored[UNREADABLE] += 1

    @property
    def homes(self) -> dict[str, str]:
        """Issue → the number of the incident that its newest episode is in now."""
        return self._books.homes

    @property
    def services(self) -> dict[str, str]:
        """Issue → the service that it is of."""
        return {
            member.issue_id: member.service
            for incident in self._books.current()
            for member in incident.members
        }

    def incidents(self) -> list[Replayed]:
        """In the order of opening; one that was merged into another is told of there."""
        found = self._books.current()
        into = {incident.id: incident.merged_into for incident in found if incident.merged_into}
        runs = Counter[str]()
        for incident in found:
            runs[_last(incident.id, into)] += len(incident.runs)
        return [self._replayed(incident, runs[incident.id]) for incident in found if incident.id not in into]

    def _replayed(self, incident: Incident, runs: int) -> Replayed:
        root, ranking = root_of(incident)
        return Replayed(
            id=incident.id,
            opened_at=incident.opened_at,
            services=incident.services,
            issues=incident.issue_ids,
            root=root,
            root_ranking=ranking,
            investigations=runs,
            deliveries=sum(self._told[member.key] for member in incident.members),
        )


def _last(number: str, into: Mapping[str, str]) -> str:
    while number in into:
        number = into[number]
    return number


def root_of(incident: Incident) -> tuple[Root, tuple[tuple[str, float], ...]]:
    """The likeliest root, and all candidates with their scores."""
    candidates = incident.root.candidates if incident.root else ()
    if not candidates:
        return Root(service=incident.service, confidence=LONE_CONFIDENCE, reasons=()), (
            (incident.service, LONE_CONFIDENCE),
        )
    first = candidates[0]
    root = Root(service=first.node, confidence=first.score, reasons=tuple(reason(it) for it in first.reasons))
    return root, tuple((candidate.node, candidate.score) for candidate in candidates)


def read_recorded(line: bytes) -> Delivery:
    """One line of a recording: `{"received_at": ISO 8601, "headers": {…}, "body": {…}}`.

    Raises:
        BadPayload: it is something else.
    """
    recorded = read_object(line)
    received_at = moment(recorded.get("received_at"))
    if received_at is None:
        raise BadPayload("`received_at` is missing or is no time in ISO 8601")
    if "body" not in recorded:
        raise BadPayload("`body` is missing")
    headers = {
        name.lower(): value
        for name, value in mapping(recorded.get("headers")).items()
        if isinstance(value, str)
    }
    return Delivery(_bytes(recorded["body"]), headers, received_at, "replay")


def _bytes(body: object) -> bytes:
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass")
    try:
        return orjson.dumps(body)
    except orjson.JSONEncodeError:  # lone surrogates, which Sentry sends and `orjson` refuses
        return json.dumps(body).encode()


def as_json(replay: Replay) -> Mapping[str, object]:
    """The document that `pilot replay --json` prints."""
    return {
        "incidents": [
            {
                **incident.model_dump(mode="json", exclude={"root_ranking"}),
                "root_ranking": [{"service": s, "score": score} for s, score in incident.root_ranking],
            }
            for incident in replay.incidents()
        ],
        "ignored": dict(replay.ignored.most_common()),
        "deliveries": replay.deliveries,
    }
