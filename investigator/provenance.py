"""Which deliveries are behind an incident that triage changed: for the log, and for the trace. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from investigator.inbox_reader import Entry
from investigator.models.incident import Incident


@dataclass(frozen=True, slots=True)
class Provenance:
    """`delivery` is the first one's identity, None when the incident owes nothing to this batch."""

    delivery: str | None = None
    traces: tuple[str, ...] = ()


UNKNOWN = Provenance()


def provenance(incident: Incident, entries: Mapping[str, Entry]) -> Provenance:
    """From the incident's alerts, each of which is named after the inbox entry that brought it."""
    named = (member.key.rpartition("@")[2] for member in incident.members)
    brought = [entries[entry].delivery for entry in named if entry in entries]
    if not brought:
        return UNKNOWN
    return Provenance(brought[0].identity, tuple(each.trace for each in brought if each.trace))


def provenances(incidents: Mapping[str, Incident], entries: Sequence[Entry]) -> dict[str, Provenance]:
    """Incident → where it comes from, for those that a batch brought something to."""
    by_id = {entry.id: entry for entry in entries}
    found = {number: provenance(incident, by_id) for number, incident in incidents.items()}
    return {number: each for number, each in found.items() if each is not UNKNOWN}
