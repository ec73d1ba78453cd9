"""How long an answer holds, and that pieces of answers are put together as they were taken apart."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from investigator.github.cache_policy import CLOSED, FOR_GOOD, OPEN, SOON, lasting, of_revision
from investigator.github.documents import HeadQuestion, RangeQuestion
from investigator.github.graphql import GraphQLAnswer, GraphQLError
from investigator.github.parts import Part, document, put_together, taken_apart
from tests.fixtures.github_repository import START

SHA = "a" * 40
HEAD = HeadQuestion(environments=("production",), until=START, revisions=("v1",), probes=("a.py", "b.py"))
RANGE = RangeQuestion(head=SHA, since=START, files=("a.py",), touched=("a.py", "b.py"))
PARTS = (*HEAD.parts, *RANGE.parts)


def window(*states: str) -> dict[str, Any]:
    pulls = [{"number": 1, "title": "t", "url": "u", "state": state} for state in states]
    return {"history": {"nodes": [{"oid": SHA, "associatedPullRequests": {"nodes": pulls}}, None]}}


@pytest.mark.parametrize(
    ("kind", "value", "keep"),
    [
        ("immutable", {"text": "x"}, FOR_GOOD),
        ("immutable", None, FOR_GOOD),  # a path that this commit does not have
        ("immutable_if_found", {"oid": SHA}, FOR_GOOD),
        ("immutable_if_found", None, SOON),  # a commit that may yet be pushed
        ("head", {"nodes": []}, SOON),
        ("window", window("MERGED", "CLOSED"), CLOSED),
        ("window", window("MERGED", "OPEN"), OPEN),
        ("window", window(), CLOSED),
        ("window", None, SOON),
    ],
)
def test_what_may_change_is_not_kept_long(kind: Any, value: Any, keep: Any) -> None:
    assert lasting(kind, value) == keep


def test_only_a_full_sha_stands_for_one_commit() -> None:
    assert of_revision(SHA) == "immutable_if_found"
    assert of_revision(f"{SHA}:src/a.py") == "immutable_if_found"
    for name in ("main", "HEAD:a.py", "a" * 39, "A" * 40, f"refs/tags/{SHA}"):
        assert of_revision(name) == "head", f"{name} may stand for another commit tomorrow"


@given(st.sets(st.sampled_from([part.name for part in PARTS])), st.integers())
@settings(max_examples=60, deadline=None)
def test_pieces_make_the_whole_again(known_names: set[str], value: int) -> None:
    whole = _answer(value)
    known = {name: values for name, values in taken_apart(PARTS, whole).items() if name in known_names}
    asked = tuple(part for part in PARTS if part.name not in known)
    again = put_together(PARTS, known, put_together(asked, taken_apart(asked, whole)))
    assert again.data == put_together(PARTS, taken_apart(PARTS, whole)).data


@pytest.mark.parametrize(
    ("path", "lost"),
    [
        (("repository", "p1"), {("probe", "HEAD:b.py")}),
        (("hosted", "deployments", "nodes"), {("hosted", "production")}),
        (("repository", "touched", "t1", "nodes"), {("touches", SHA, START.isoformat(), "b.py")}),
        (("repository", "touched"), {part.about for part in PARTS if part.place == "touched"}),
        ((), {part.about for part in PARTS}),
    ],
)
def test_what_failed_in_part_is_kept_without_that_part(path: tuple[str, ...], lost: set[Any]) -> None:
    answer = _answer(1).model_copy(update={"errors": (GraphQLError(message="no", path=path),)})
    kept = taken_apart(PARTS, answer)
    assert {part.about for part in PARTS if part.name not in kept} == lost


def test_the_same_piece_has_the_same_name_wherever_it_stands() -> None:
    other = HEAD.model_copy(update={"revisions": ("v0", "v1"), "probes": ("b.py",)})
    first, second = _named(HEAD.parts), _named(other.parts)
    for about in (("revision", "v1"), ("probe", "HEAD:b.py"), ("owners",)):
        assert first[about] == second[about]
    assert len(set(first.values())) == len(HEAD.parts), "different pieces must not be taken for each other"


def test_text_from_outside_never_becomes_query_text() -> None:
    strange = '"}) { viewer { login } } #'
    head = HEAD.model_copy(update={"revisions": (strange,), "probes": (strange,), "environments": (strange,)})
    ranged = RANGE.model_copy(update={"files": (strange,), "touched": (strange,)})
    assert strange not in document("Strange", (*head.parts, *ranged.parts))


def _named(parts: tuple[Part, ...]) -> dict[tuple[str, ...], str]:
    return {part.about: part.name for part in parts}


def _answer(value: int) -> GraphQLAnswer:
    """Every field of every part holds something of its own."""
    data: dict[str, Any] = {"repository": {"touched": {}}, "hosted": {}}
    places = {
        "repository": data["repository"],
        "touched": data["repository"]["touched"],
        "hosted": data["hosted"],
    }
    for part in PARTS:
        places[part.place].update({field: {"is": f"{field} {value}"} for field in part.fields})
    return GraphQLAnswer(data=data)
