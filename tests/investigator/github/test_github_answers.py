"""Whatever JSON comes from GitHub's address is understood or refused, never a crash."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from investigator.errors import OutsideCallFailed
from investigator.github import understand, understand_rest
from investigator.github.graphql import GraphQLAnswer, read_answer
from tests.fixtures.github_repository import START

SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=6)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
NAMES = (
    "nameWithOwner",
    "url",
    "r0",
    "p0",
    "s0",
    "b0",
    "window",
    "touched",
    "defaultBranchRef",
    "nodes",
    "t0",
)
REPOSITORY = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, JSON))


@given(JSON, REPOSITORY)
@settings(max_examples=60, deadline=None)
def test_strange_answers_are_refused_by_name(anything: Any, repository: dict[str, Any]) -> None:
    answer = GraphQLAnswer(data={"repository": repository, "hosted": anything})
    questions = (
        lambda: read_answer(anything, {}, now=0.0),
        lambda: read_answer({"data": None, "errors": anything}, {}, now=0.0),
        lambda: understand.head_facts(answer, START, 1, ("a.py",)),
        lambda: understand.range_facts(answer, ("a.py",), ("a.py",)),
        lambda: understand.revision(answer),
        lambda: understand.texts(answer, ("main:a.py",)),
        lambda: understand_rest.comparison(anything),
        lambda: understand_rest.commit(anything),
        lambda: understand_rest.tree(anything),
    )
    for question in questions:
        try:
            question()
        except OutsideCallFailed as failure:
            assert failure.kind in {"bad_answer", "rejected", "server_error"}  # noqa: PT017 - it need not fail


def test_the_first_wrong_field_is_named() -> None:
    with pytest.raises(OutsideCallFailed, match="total_commits"):
        understand_rest.comparison({"status": "ahead", "commits": []})


def test_an_error_without_data_has_the_kind_github_gives_it() -> None:
    broke = {
        "errors": [{"message": "Something went wrong while executing your query. Please include `AB:12`"}]
    }
    with pytest.raises(OutsideCallFailed) as caught:
        read_answer(broke, {}, now=0.0)
    assert caught.value.kind == "server_error"
    with pytest.raises(OutsideCallFailed) as caught:
        read_answer({"data": None, "errors": [{"type": "FORBIDDEN", "message": "SAML"}]}, {}, now=0.0)
    assert caught.value.kind == "forbidden"


def test_a_limited_answer_says_when_it_is_free_again() -> None:
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1060"}
    with pytest.raises(OutsideCallFailed) as caught:
        read_answer({"errors": [{"type": "RATE_LIMITED", "message": "limit"}]}, headers, now=1000.0)
    assert (caught.value.kind, caught.value.retry_after) == ("rate_limited", 60.0)


def test_a_file_github_failed_to_read_is_not_taken_for_missing() -> None:
    answer = read_answer(
        {
            "data": {"repository": {"s0": None, "s1": None}},
            "errors": [{"message": "timeout", "path": ["repository", "s0"]}],
        },
        {},
        now=0.0,
    )
    assert set(understand.texts(answer, ("main:a.py", "main:b.py"))) == {"main:a.py"}
