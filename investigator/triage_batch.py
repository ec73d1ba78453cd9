"""One batch of deliveries, from raw to written in the books; shared by the reader and `pilot replay`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass

from investigator.alerting import Grouping, Numbers, regroup
from investigator.books import Books
from investigator.catalog import Catalog
from investigator.desk import Look
from investigator.errors import BadPayload
from investigator.inbox_reader import Entry
from investigator.models.sentry import Notice
from investigator.sentry.parse import parse_notice
from investigator.triage import DUPLICATE, Memory, Plan, Understood, plan, understand, without_copies

_KEEP_EVERY = 20  # whole events read between two signs of life
_KEEP_SECONDS = 1.0


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
    at = max(item.delivery.received_at for item in batch)
    # Reading whole events takes long, so it is done before the store is asked to hold still.
    draft = plan(batch, await books.remember(issue_ids, identities))
    notices = await _whole(books, draft)
    ids = await books.new_ids(len(draft.opened)) if draft.opened else []
    used = 0

    async def decide(memory: Memory, look: Look) -> Plan:
        nonlocal used
        while True:
            result, numbers = plan(batch, memory), Numbers(ids)
            if result.regroups:
                await _kept(books, regroup(result, look, notices, Grouping(catalog, numbers, at)))
            used = numbers.asked
            if used <= len(ids):
                return result
            ids.extend(await books.new_ids(used - len(ids)))

    result = await books.write(issue_ids, identities, decide)
    books.give_back(ids[used:])
    return result


async def _kept(books: Books, work: Awaitable[None]) -> None:
    """Do what may take long, and stay the one who may write meanwhile."""
    task = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait({task}, timeout=_KEEP_SECONDS))[0]:
            await books.keep()
        await task
    finally:
        task.cancel()


async def _whole(books: Books, draft: Plan) -> dict[str, Notice]:
    """By inbox entry, whole, what new alerts and those that are better known now were told by."""
    items = {item.entry: item for item in (*(o.item for o in draft.opened), *draft.better.values())}
    notices = {}
    for index, item in enumerate(items.values()):
        if index % _KEEP_EVERY == 0:
            await books.keep()
        notices[item.entry] = parse_notice(item.delivery.body)
    return notices
