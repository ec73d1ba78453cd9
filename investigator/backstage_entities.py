"""The documents of a `catalog-info.yaml`, with the line on which each thing stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import yaml

from investigator.errors import ConfigurationError
from investigator.yaml_lines import lines_of, nearest

_REFERENCE = re.compile(r"(?:(?P<kind>[A-Za-z]+):)?(?:(?P<namespace>[^/:\s]+)/)?(?P<name>[^/:\s]+)")


class Reference(NamedTuple):
    """Another entity, by Backstage's `[kind:][namespace/]name`; `where` is file and line."""

    kind: str
    name: str
    where: str


class Entity(NamedTuple):
    """One document; `kind` is lower case."""

    kind: str
    name: str
    where: str
    metadata: Mapping[str, Any]
    spec: Mapping[str, Any]
    file: str
    lines: Mapping[tuple[object, ...], int]

    def annotation(self, name: str) -> str:
        annotations = self.metadata.get("annotations")
        value = annotations.get(name) if isinstance(annotations, Mapping) else None
        return str(value).strip() if value is not None else ""

    def references(self, field: str, kind: str) -> Iterator[Reference]:
        """What the list `field` of the spec names; `kind` is meant where a reference has none.

        Raises:
            ConfigurationError: it is no list, or not of references.
        """
        values = self.spec.get(field) or []
        if not isinstance(values, list):
            raise ConfigurationError(f"{self._where(field)}: spec.{field} must be a list of references")
        for index, value in enumerate(values):
            where = self._where(field, index)
            match = _REFERENCE.fullmatch(value.strip()) if isinstance(value, str) else None
            if match is None:
                raise ConfigurationError(
                    f"{where}: spec.{field}: {value!r} is no reference; write kind:namespace/name, such as "
                    "component:default/payments"
                )
            yield Reference((match["kind"] or kind).lower(), match["name"], where)

    def _where(self, *path: object) -> str:
        return f"{self.file}:{nearest(self.lines, ('spec', *path))}"


def entities_in(file: str, text: str) -> Iterator[Entity]:
    """The entities of a file of several documents; empty documents are skipped.

    Raises:
        ConfigurationError: naming file and line.
    """
    try:
        nodes = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
        documents = list(yaml.safe_load_all(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{file}:{mark.line + 1}" if mark else file
        raise ConfigurationError(f"{where}: not valid YAML: {getattr(error, 'problem', error)}") from None
    for node, document in zip(nodes, documents, strict=True):
        if document is not None:
            yield _entity(file, dict(lines_of(node)), document)


def _entity(file: str, lines: Mapping[tuple[object, ...], int], document: object) -> Entity:
    where = f"{file}:{nearest(lines, ())}"
    if not isinstance(document, Mapping) or not isinstance(document.get("kind"), str):
        raise ConfigurationError(f"{where}: this document has no `kind`; Backstage's entities have one")
    metadata, spec = document.get("metadata"), document.get("spec") or {}
    if not isinstance(metadata, Mapping) or not isinstance(metadata.get("name"), str):
        raise ConfigurationError(f"{where}: this {document['kind']} has no metadata.name; give it one")
    if not isinstance(spec, Mapping):
        raise ConfigurationError(f"{file}:{nearest(lines, ('spec',))}: spec must be a mapping")
    return Entity(document["kind"].lower(), metadata["name"], where, metadata, spec, file, lines)
