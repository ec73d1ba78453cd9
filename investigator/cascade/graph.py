"""Who depends on whom: what the catalogue says, and, kept apart, what was learned from errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from investigator.catalog import Catalog
from investigator.models.cascade import LearnedEdge


@dataclass(frozen=True)
class Graph:
    """Nodes are services by name and infrastructure as `kind:name`. Cycles are allowed.

    `depends_on` and `callers` hold direct dependencies that the catalogue declares; `learned_on` and
    `learned_callers` those it does not declare and errors have shown. `projects` tells whose a project is.
    """

    depends_on: Mapping[str, frozenset[str]] = field(default_factory=dict)
    callers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    learned_on: Mapping[str, frozenset[str]] = field(default_factory=dict)
    learned_callers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    projects: Mapping[str, str] = field(default_factory=dict)

    @property
    def nodes(self) -> Iterable[str]:
        return self.depends_on.keys()

    def with_learned(self, edges: Iterable[LearnedEdge]) -> Graph:
        """The same catalogue with other learned edges; one that it declares adds nothing."""
        pairs = {
            (edge.caller, edge.callee)
            for edge in edges
            if edge.callee not in self.depends_on.get(edge.caller, frozenset())
        }
        return Graph(
            depends_on=self.depends_on,
            callers=self.callers,
            learned_on=_adjacent(pairs),
            learned_callers=_adjacent((callee, caller) for caller, callee in pairs),
            projects=self.projects,
        )


def graph_of(catalog: Catalog) -> Graph:
    """The graph that a catalogue declares; an empty one has no nodes."""
    declared = {(service.name, on) for service in catalog.services for on in service.depends_on}
    names = {service.name for service in catalog.services} | {callee for _, callee in declared}
    depends_on = _adjacent(declared)
    return Graph(
        depends_on={name: depends_on.get(name, frozenset()) for name in names},
        callers=_adjacent((callee, caller) for caller, callee in declared),
        projects={
            project: service.name for service in catalog.services for project in service.sentry_projects
        },
    )


def _adjacent(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for one, other in pairs:
        found.setdefault(one, set()).add(other)
    return {node: frozenset(others) for node, others in found.items()}
