"""Whose code an investigation looks at: that of the likeliest root, then that of the runner-up. Pure."""

from __future__ import annotations

from investigator.cascade.names import kind_of
from investigator.catalog import Catalog
from investigator.models.base import Value
from investigator.models.incident import Incident, Member
from investigator.models.service import Service

WORTH_LOOKING = 0.1  # of a candidate that is not the first
MOST = 2


class Target(Value):
    """`member` is the candidate's own first alert; None: it reported nothing, only its deploys can tell."""

    service: Service
    member: Member | None


def targets_of(incident: Incident, catalog: Catalog) -> tuple[Target, ...]:
    """In the order of looking; none: the root is infrastructure, whose failure no repository explains.

    An incident of one alert, or without candidates, is about the service that alerted.
    """
    candidates = incident.root.candidates if incident.root else ()
    if not incident.is_cascade or not candidates:
        return (Target(service=_service(catalog, incident.service), member=_first(incident, None)),)
    worth = [c for index, c in enumerate(candidates) if not index or c.score >= WORTH_LOOKING]
    return tuple(
        Target(service=_service(catalog, candidate.node), member=_first(incident, candidate.node))
        for candidate in worth[:MOST]
        if kind_of(candidate.node) is None
    )


def _service(catalog: Catalog, name: str) -> Service:
    return catalog.service(name) or catalog.service_of(name)


def _first(incident: Incident, service: str | None) -> Member | None:
    """The service's alert that came first; of no service in particular, what the incident is named after."""
    members = [member for member in incident.members if service in (None, member.service)]
    if service is None:
        return members[0] if members else None
    return min(members, key=lambda member: member.since, default=None)
