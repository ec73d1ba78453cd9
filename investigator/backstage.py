"""Backstage's `catalog-info.yaml` files as a catalogue of ours. Pure.

Components become services, resources infrastructure (`kind:name`), and a consumed API the component that
provides it. What refers to nothing that was given is left out and reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import yaml

from investigator.backstage_entities import Entity, entities_in
from investigator.cascade.systems import system_named
from investigator.catalog import find_cycle
from investigator.errors import ConfigurationError

_SENTRY, _GITHUB = "sentry.io/project-slug", "github.com/project-slug"
_SOURCE = "backstage.io/source-location"
_TREE = re.compile(r"/(?:tree|blob)/[^/]{1,200}/(?P<path>[^?#]{1,500})")


class Imported(NamedTuple):
    """`text` is a `pilot.yml`; `notes` say what was left out, and where it stands."""

    text: str
    notes: tuple[str, ...]


def import_catalog(files: Sequence[tuple[str, str]]) -> Imported:
    """`files` are names and texts.

    Raises:
        ConfigurationError: naming file and line, and what is wrong there.
    """
    entities = [entity for name, text in files for entity in entities_in(name, text)]
    known = _by_reference(entities)
    components = [entity for entity in entities if entity.kind == "component"]
    if not components:
        raise ConfigurationError(
            f"{files[0][0] if files else 'no file'}: no Component is described; name catalog-info.yaml files"
        )
    notes: list[str] = []
    needs = _needs(entities, known, notes)
    _break_cycles(needs, notes)
    claimed: dict[str, str] = {}
    services = (_service(entity, needs[entity.name], claimed, notes) for entity in components)
    return Imported(text="services:\n" + "".join(services), notes=tuple(notes))


def _by_reference(entities: Sequence[Entity]) -> dict[tuple[str, str], Entity]:
    known: dict[tuple[str, str], Entity] = {}
    for entity in entities:
        first = known.setdefault((entity.kind, entity.name.lower()), entity)
        if first is not entity and entity.kind in ("component", "resource", "api"):
            raise ConfigurationError(
                f"{entity.where}: {entity.kind} {entity.name!r} is described already in {first.where}; "
                "names must be unique across the files"
            )
    return known


def _needs(
    entities: Sequence[Entity], known: Mapping[tuple[str, str], Entity], notes: list[str]
) -> dict[str, list[str]]:
    """What each component depends on, in our names."""
    needs: dict[str, dict[str, None]] = {entity.name: {} for entity in entities if entity.kind == "component"}
    providers = _providers(entities)
    for entity in entities:
        for found in _resolved(entity, "dependsOn", known, notes):
            if entity.kind == "component":
                needs[entity.name][_name(found)] = None
        for found in _resolved(entity, "dependencyOf", known, notes):
            if found.kind == "component":
                needs[found.name][_name(entity)] = None
        for wanted in entity.references("consumesApis", "api") if entity.kind == "component" else ():
            offered = providers.get(wanted.name.lower(), ())
            needs[entity.name].update(dict.fromkeys(name for name in offered if name != entity.name))
            if not offered:
                notes.append(
                    f"{wanted.where}: {entity.name} consumes API {wanted.name!r}, which nobody provides"
                )
    return {name: list(found) for name, found in needs.items()}


def _providers(entities: Sequence[Entity]) -> dict[str, list[str]]:
    providers: dict[str, list[str]] = {}
    for entity in entities:
        for api in entity.references("providesApis", "api") if entity.kind == "component" else ():
            providers.setdefault(api.name.lower(), []).append(entity.name)
    return providers


def _resolved(
    entity: Entity, field: str, known: Mapping[tuple[str, str], Entity], notes: list[str]
) -> Iterator[Entity]:
    for wanted in entity.references(field, "component"):
        found = known.get((wanted.kind, wanted.name.lower()))
        if found is None:
            notes.append(
                f"{wanted.where}: {entity.name} names {wanted.kind} {wanted.name!r}, which no file describes"
            )
        elif found.kind in ("component", "resource"):
            yield found


def _name(entity: Entity) -> str:
    """A component by its name, a resource as `kind:name`."""
    if entity.kind == "component":
        return entity.name
    told = re.sub(r"[^a-z0-9_-]+", "-", str(entity.spec.get("type") or "resource").lower()).strip("-")
    general = told in ("database", "cache", "queue", "resource", "")
    return f"{(system_named(entity.name) if general else None) or told or 'resource'}:{entity.name}"


def _break_cycles(needs: dict[str, list[str]], notes: list[str]) -> None:
    while cycle := find_cycle(needs):
        caller, callee = cycle[-2], cycle[-1]
        needs[caller].remove(callee)
        notes.append(f"{' → '.join(cycle)} is a cycle; that {caller} depends on {callee} was left out")


def _service(entity: Entity, needs: Sequence[str], claimed: dict[str, str], notes: list[str]) -> str:
    entry: dict[str, Any] = {}
    project = entity.annotation(_SENTRY).rpartition("/")[2]
    if project and claimed.setdefault(project, entity.name) != entity.name:
        notes.append(f"{entity.where}: Sentry project {project!r} belongs to {claimed[project]} already")
    elif project:
        entry["sentry_projects"] = [project]
    repository = "/".join(entity.annotation(_GITHUB).split("/")[:2])
    if re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        entry["repository"] = repository
    if match := _TREE.search(entity.annotation(_SOURCE)):
        entry["path"] = match["path"].strip("/")
    if needs:
        entry["depends_on"] = list(needs)
    owner = " ".join(str(entity.spec.get("owner") or "").split())
    body = yaml.safe_dump({entity.name: entry}, sort_keys=False, allow_unicode=True, width=10_000)
    comment = [f"# owner: {owner}"] if owner else []
    return "".join(f"  {line}\n" for line in [*comment, *body.splitlines()])
