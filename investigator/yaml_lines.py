"""On which line of a YAML document a value stands, for errors that name it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml


def lines_of(node: yaml.Node | None, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], int]]:
    """Every path of keys and indices with its line; a key's line is where the key stands."""
    if node is None:
        return
    yield path, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*path, key.value), key.start_mark.line + 1
            for inner, line in lines_of(value, (*path, key.value)):
                if inner != (*path, key.value):
                    yield inner, line
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from lines_of(item, (*path, index))


def nearest(lines: Mapping[tuple[object, ...], int], path: tuple[object, ...]) -> int:
    """The line of the path, or of the nearest thing around it."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)
