"""Whether an incident gets a channel of its own, and what that may be called. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from investigator.catalog import Catalog
from investigator.models.incident import Incident
from investigator.models.incident_channel import IncidentChannels
from investigator.models.service import Service

LONGEST_NAME = 80  # Slack's
NAMES_TRIED = 5
_ROOM_FOR_REST = 20  # the incident's number, and which name it is
_NOT_ALLOWED = re.compile(r"[^a-z0-9]+")


def rule_for(catalog: Catalog, service: Service, incident: Incident) -> IncidentChannels | None:
    """The rule by which this incident gets a channel; None: it gets none.

    What a service says of itself goes before the rule for all.
    """
    if incident.status != "open" or incident.merged_into or incident.parent is None:
        return None
    rule = catalog.incident_channels
    if service.incident_channel is not None:
        return (rule or IncidentChannels()) if service.incident_channel else None
    return rule if rule and _is_occasion(rule, incident) else None


def names(rule: IncidentChannels, incident: Incident) -> Iterator[str]:
    """Names in the order in which they are tried; the incident's number tells it from all others."""
    beginning = f"{rule.prefix}-{incident.opened_at:%Y%m%d}"
    room = LONGEST_NAME - len(beginning) - _ROOM_FOR_REST
    service = _NOT_ALLOWED.sub("-", incident.service.lower()).strip("-")[:room].strip("-")
    first = "-".join(part for part in (beginning, service, incident.id) if part)
    yield first
    for number in range(2, NAMES_TRIED + 1):
        yield f"{first}-{number}"


def _is_occasion(rule: IncidentChannels, incident: Incident) -> bool:
    levels = {incident.level, *(member.level for member in incident.members)}
    occasions = {
        "always": True,
        "cascade": incident.is_cascade,
        "fatal": "fatal" in levels,
    }
    return any(occasions[occasion] for occasion in rule.when)
