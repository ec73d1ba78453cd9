"""The pictures of a cascade: when which service alerted, and who depends on whom. Pure, and slow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from investigator.catalog import Catalog
from investigator.models.base import Value
from investigator.models.evidence import Deploy
from investigator.models.incident import Incident, by_service
from investigator.pictures import (
    Dependency,
    ServiceTimes,
    dependency_alt,
    dependency_picture,
    timeline_alt,
    timeline_picture,
)


class Picture(Value):
    """`png` for those who see, `alt` for those who do not."""

    name: str
    title: str
    png: bytes
    alt: str


def pictures_of(incident: Incident, catalog: Catalog, deploys: Sequence[Deploy]) -> list[Picture]:
    """`deploys` are those of the likely root."""
    first = incident.root.first if incident.root else None
    root = first.node if first else None
    rows = [
        ServiceTimes(
            service=service,
            alerts=tuple(member.since for member in members),
            deploys=_within(deploys, incident) if service == root else (),
        )
        for service, members in by_service(incident.members)
    ]
    edges, healthy = _edges(incident, catalog, root)
    failing = set(incident.services)
    return [
        Picture(
            name="timeline.png",
            title=f"#{incident.id}",
            png=timeline_picture(rows, root=root),
            alt=timeline_alt(rows, root=root),
        ),
        Picture(
            name="dependencies.png",
            title=f"#{incident.id}",
            png=dependency_picture(edges, root=root, failing=failing, healthy=healthy),
            alt=dependency_alt(edges, root=root, failing=failing, healthy=healthy),
        ),
    ]


def _within(deploys: Sequence[Deploy], incident: Incident) -> tuple[datetime, ...]:
    """Deploys of the hour before the first alert, and since: others would only stretch the picture."""
    since = [member.since for member in incident.members]
    first, last = min(since), max(since)
    moments = [deploy.at for deploy in deploys if deploy.at]
    return tuple(at for at in moments if (first - at).total_seconds() < 3600 and at <= last)


def _edges(incident: Incident, catalog: Catalog, root: str | None) -> tuple[list[Dependency], set[str]]:
    """What failed with what the root needs and who needs it; and who needs it and is well."""
    failing = set(incident.services)
    nodes = failing | ({root} if root else set())
    callers = {service.name for service in catalog.services if root in service.depends_on} - failing
    edges = [
        Dependency(caller=service.name, callee=on)
        for service in catalog.services
        for on in service.depends_on
        if (service.name in nodes and on in nodes) or (service.name in callers and on == root)
    ]
    declared = {(edge.caller, edge.callee) for edge in edges}
    first = incident.root.first if incident.root else None
    named = (
        {s for it in first.reasons if it.kind in {"named", "alias"} for s in it.services} if first else set()
    )
    learned = [
        Dependency(caller=service, callee=root, learned=True)
        for service in sorted(named - {root})
        if root and (service, root) not in declared
    ]
    return [*edges, *learned], callers
