"""What a query costs: the sum of its connection fetches by a hundred, as GitHub's documentation reckons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)

MAX_NODES = 500_000


@dataclass(frozen=True)
class Price:
    """`cost` in points, `nodes` the most a query could answer with."""

    cost: int
    nodes: int


def price(document: DocumentNode, variables: Mapping[str, Any]) -> Price:
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    walk = _Walk(fragments, variables)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            walk.selections(definition.selection_set, 1)
    return Price(max(1, round(walk.fetches / 100)), walk.nodes)


class _Walk:
    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode], variables: Mapping[str, Any]) -> None:
        self._fragments = fragments
        self._variables = variables
        self.fetches = 0
        self.nodes = 0

    def selections(self, selection_set: SelectionSetNode, times: int) -> None:
        for selection in selection_set.selections:
            if isinstance(selection, FragmentSpreadNode):
                fragment = self._fragments.get(selection.name.value)
                if fragment is not None:
                    self.selections(fragment.selection_set, times)
            elif isinstance(selection, InlineFragmentNode):
                self.selections(selection.selection_set, times)
            elif isinstance(selection, FieldNode):
                self._field(selection, times)

    def _field(self, field: FieldNode, times: int) -> None:
        size = self._page_size(field)
        if size is not None:
            self.fetches += times
            times *= size
            self.nodes += times
        if field.selection_set is not None:
            self.selections(field.selection_set, times)

    def _page_size(self, field: FieldNode) -> int | None:
        for argument in field.arguments or ():
            if argument.name.value in ("first", "last"):
                if isinstance(argument.value, IntValueNode):
                    return int(argument.value.value)
                if isinstance(argument.value, VariableNode):
                    given = self._variables.get(argument.value.name.value)
                    return given if isinstance(given, int) else None
        return None
