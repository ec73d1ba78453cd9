"""Without a model a question is still met with the pieces of evidence it is about."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from investigator.analysis.evidence_ids import number
from investigator.analysis.look_up import FOUND, look_up
from tests.fixtures.findings import findings

PIECES = number(findings())


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("who owns this?", "O1"),
        ("what was deployed?", "D1"),
        ("which change did it?", "C1"),
        ("what is order.quantity?", "F1"),
        ("how many users are affected?", "E2"),
        ("what happened with SELECT FROM orders before?", "B1"),
        ("did renovate bump dependencies?", "C2"),
    ],
)
def test_the_piece_it_is_about_comes_first(question: str, first: str) -> None:
    assert look_up(question, PIECES)[0].evidence == (first,)


def test_a_question_about_something_else_finds_nothing() -> None:
    assert look_up("xyzzy plugh?", PIECES) == ()
    assert look_up("", PIECES) == ()


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=600))
def test_any_question_has_at_most_a_few(question: str) -> None:
    found = look_up(question, PIECES)
    assert len(found) <= FOUND
    assert all(claim.text for claim in found)
