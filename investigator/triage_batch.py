"""One batch of deliveries, from raw to written in the books; shared by the reader and `pilot replay`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat

from investigator.books import Books
from investigator.catalog import Catalog
from investigator.errors import BadPayload
from investigator.inbox_reader import Entry
from investigator.models.incident import Incident
from investigator.models.sentry import SentryEvent
from investigator.sentry.parse import parse_notice
from investigator.triage import DUPLICATE, Memory, Opening, Plan, Understood, plan, understand, without_copies

_KEEP_EVERY = 20  # whole events read between two signs of life


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that cannot be understood, and why."""

    entry: Entry
    reason: str


async def triage_batch(
    books: Books, entries: Sequence[Entry], catalog: Catalog
) -> tuple[Plan, list[Refused]]:
    """Decide the batch and write it down. Entries that were written down before change nothing again."""
    transport = sorted({entry.delivery.identity for entry in entries})
    fresh = without_copies(entries, (await books.remember([], transport)).seen)
    understood, refused = _understand(fresh)
    result = await _decide(books, understood, catalog) if understood else Plan()
    if copies := len(entries) - len(fresh):
        result.ignored[DUPLICATE] += copies
    return result, refused


def _understand(entries: Sequence[Entry]) -> tuple[list[Understood], list[Refused]]:
    understood, refused = [], []
    for entry in entries:
        try:
            understood.append(understand(entry))
        except BadPayload as error:
            refused.append(Refused(entry, str(error)))
    return understood, refused


async def _decide(books: Books, batch: Sequence[Understood], catalog: Catalog) -> Plan:
    issue_ids = sorted({item.notice.issue_id for item in batch if item.notice.issue_id})
    identities = sorted({identity for item in batch for identity in item.identities})
    # Reading whole events takes long, so it is done before the store is asked to hold still.
    draft = plan(batch, await books.remember(issue_ids, identities), repeat(""))
    events = await _whole_events(books, draft.opened)
    ids: list[str] = []

    async def decide(memory: Memory) -> Plan:
        result = plan(batch, memory, repeat(""))
        if result.opened:
            missing = len(result.opened) - len(ids)
            ids.extend(await books.new_ids(missing) if missing > 0 else [])
            result = plan(batch, memory, iter(ids))
        result.incidents = [_incident(opening, events, catalog) for opening in result.opened]
        return result

    return await books.write(issue_ids, identities, decide)


async def _whole_events(books: Books, opened: Sequence[Opening]) -> dict[str, SentryEvent | None]:
    events = {}
    for index, opening in enumerate(opened):
        if index % _KEEP_EVERY == 0:
            await books.keep()
        events[opening.item.entry] = parse_notice(opening.item.delivery.body).event
    return events


def _incident(opening: Opening, events: Mapping[str, SentryEvent | None], catalog: Catalog) -> Incident:
    entry = opening.item.entry
    event = events[entry] if entry in events else parse_notice(opening.item.delivery.body).event
    return opening.incident(catalog, event)
