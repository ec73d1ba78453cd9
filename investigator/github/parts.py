"""Pieces of GraphQL answers: each is asked for, and remembered, on its own.

Two investigations seldom ask exactly the same, but mostly the same pieces: whatever one has read, the other
leaves out of its question.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from investigator.github.cache_policy import Kind, digest
from investigator.github.graphql import GraphQLAnswer, GraphQLError

QUERIES = files("investigator.github") / "queries"

Place = Literal["repository", "touched", "hosted"]
# Where a part's fields are in the answer. Each place is there on its own: something that is never null in the
# schema takes everything beside it away when it cannot be read.
PATHS: Mapping[Place, tuple[str, ...]] = {
    "repository": ("repository",),
    "touched": ("repository", "touched"),
    "hosted": ("hosted",),
}
Values = list[Any]  # of a part's fields, in their order


@dataclass(frozen=True, slots=True)
class Part:
    """`fields` are its names in the answer and `about` says within one repository what is asked.

    Text from outside travels in `variables` (name, GraphQL type, value) and never becomes query text.
    """

    place: Place
    fields: tuple[str, ...]
    selection: str
    about: tuple[str, ...]
    kind: Kind
    variables: tuple[tuple[str, str, Any], ...] = ()
    fragments: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The same for the same question, wherever in a document it stands."""
        text = "".join(fragment_text(fragment) for fragment in self.fragments)
        return digest(self.place, *self.about, text)


def document(operation: str, parts: Iterable[Part]) -> str:
    """One query for all of `parts`."""
    asked = tuple(parts)
    declared = dict.fromkeys(f"${name}: {kind}" for part in asked for name, kind, _ in part.variables)
    head = ", ".join(("$owner: String!", "$name: String!", *declared))
    # `__typename` keeps the selection from being empty, and tells that the repository is there.
    selections = ["__typename", *_at(asked, "repository")]
    if touched := _at(asked, "touched"):
        selections.append(f"touched: object(oid: $head) {{ ... on Commit {{ {' '.join(touched)} }} }}")
    whole = "\n    ".join(selections)
    query = f"query {operation}({head}) {{\n  repository(owner: $owner, name: $name) {{\n    {whole}\n  }}\n"
    if hosted := _at(asked, "hosted"):
        query += f"  hosted: repository(owner: $owner, name: $name) {{ {' '.join(hosted)} }}\n"
    fragments = dict.fromkeys(fragment for part in asked for fragment in part.fragments)
    return query + "}\n" + "\n".join(map(fragment_text, fragments))


def variables_of(parts: Iterable[Part]) -> dict[str, Any]:
    return {name: value for part in parts for name, _, value in part.variables}


def taken_apart(parts: Iterable[Part], answer: GraphQLAnswer) -> dict[str, Values]:
    """What was answered, by the names of the parts; without those of which something failed."""
    return {
        part.name: [_inside(answer.data, PATHS[part.place]).get(field) for field in part.fields]
        for part in parts
        if not any(_concerns(error, part) for error in answer.errors)
    }


def put_together(
    parts: Iterable[Part], known: Mapping[str, Values], asked: GraphQLAnswer | None = None
) -> GraphQLAnswer:
    """One answer as if all of it had just been `asked`."""
    data: dict[str, Any] = {"repository": {}, "hosted": {}}
    for part in parts:
        place = data
        for step in PATHS[part.place]:
            place = place.setdefault(step, {})
        if part.name in known:
            place.update(zip(part.fields, known[part.name], strict=True))
        elif asked:
            found = _inside(asked.data, PATHS[part.place])
            place.update({field: found.get(field) for field in part.fields})
    return GraphQLAnswer(data=data, errors=asked.errors if asked else ())


@cache
def fragment_text(name: str) -> str:
    return (QUERIES / f"{name}.graphql").read_text(encoding="utf-8")


def _at(parts: tuple[Part, ...], place: Place) -> list[str]:
    return [part.selection for part in parts if part.place == place]


def _inside(data: Mapping[str, Any], path: tuple[str, ...]) -> Mapping[str, Any]:
    found: Any = data
    for step in path:
        found = found.get(step) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _concerns(error: GraphQLError, part: Part) -> bool:
    """Whether it happened inside the part, around it, or nobody knows where."""
    path = PATHS[part.place]
    depth = len(path)
    if error.path[:depth] != path[: len(error.path)]:
        return False
    return len(error.path) <= depth or error.path[depth] in part.fields
