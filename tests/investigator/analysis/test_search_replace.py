"""What a model suggests is read as it was meant, and what cannot be read is no suggestion."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from investigator.analysis.failures import ProviderFailed
from investigator.analysis.search_replace import read_proposal
from investigator.models.suggestion import Edit

BLOCK = """\
FILE: checkout/pricing.py
<<<<<<< SEARCH
    return total / order.quantity
=======
    return total / order.quantity if order.quantity else 0
>>>>>>> REPLACE
"""
EDIT = Edit(
    path="checkout/pricing.py",
    search="    return total / order.quantity",
    replace="    return total / order.quantity if order.quantity else 0",
)
GOOD = f"WHY: It guards the\ndivision.\nCANNOT KNOW: Whether 0 is a price.\n{BLOCK}"


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"Certainly! Here is the change.\n\n{GOOD}\nLet me know!",
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("FILE: checkout/pricing.py\n", "FILE: `checkout/pricing.py`\n```python\n") + "```",
        GOOD.replace("WHY:", "**WHY:**").replace("CANNOT KNOW:", "**CANNOT KNOW:**"),
    ],
)
def test_it_is_read_whatever_stands_around_it(text: str) -> None:
    proposal = read_proposal(text)
    assert proposal.edits == (EDIT,)
    assert proposal.why == "It guards the division."
    assert proposal.cannot_know == "Whether 0 is a price."


def test_one_file_may_have_several_places_and_lines_may_go() -> None:
    more = "<<<<<<< SEARCH\nimport x\n=======\n>>>>>>> REPLACE\n"
    edits = read_proposal(GOOD + more + "FILE: b.py\n" + more).edits
    assert [(edit.path, edit.replace) for edit in edits[1:]] == [("checkout/pricing.py", ""), ("b.py", "")]


def test_a_model_may_decline() -> None:
    assert read_proposal("NO FIX: the database is down.").declined == "the database is down."


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I would add a check.",
        BLOCK,  # no reason
        GOOD.replace("FILE: checkout/pricing.py\n", ""),
        GOOD.replace(">>>>>>> REPLACE\n", ""),
        GOOD.replace("=======\n", ""),
        '{"fix": "return 0"}',
    ],
)
def test_what_cannot_be_read_is_no_suggestion(text: str) -> None:
    with pytest.raises(ProviderFailed) as failed:
        read_proposal(text)
    assert failed.value.kind == "invalid"


LINES = st.sampled_from([*GOOD.split("\n"), "=======", "NO FIX:", "WHY:", "FILE: ../x", "\u202e", "``` "])


@settings(max_examples=60, deadline=None)
@given(st.lists(LINES, max_size=25).map("\n".join))
def test_nothing_a_model_writes_breaks_the_reading(text: str) -> None:
    try:
        proposal = read_proposal(text)
    except ProviderFailed as failed:
        assert failed.kind == "invalid"  # noqa: PT017 - both ways are right
    else:
        assert bool(proposal.edits) != bool(proposal.declined)
