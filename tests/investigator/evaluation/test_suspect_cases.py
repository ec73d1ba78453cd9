"""A line is a case, or it is said what is wrong with it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from investigator.errors import BadPayload
from investigator.evaluation.suspect_cases import read_case

GOOD: dict[str, Any] = {
    "id": "one",
    "event": {},
    "repo": "shop",
    "base": "v1",
    "head": "v2",
    "truth": {"commits": ["abcdef0"], "no_code_cause": False},
    "language": "go",
    "kind": "panic",
    "confirmed_by": {"fix": "never read"},
}


def line(**changes: Any) -> bytes:
    return json.dumps(
        {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
    ).encode()


def test_a_whole_line_is_a_case_and_what_only_proves_it_is_left_alone() -> None:
    case = read_case(line())
    assert (case.id, case.language, case.kind) == ("one", "go", "panic")
    assert case.truth.names("abcdef0123"), "an abbreviated SHA names the commit"
    assert not case.truth.names("abcdee0123")
    assert not case.truth.names(None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"{", "JSON"),
        (b"[]", "object"),
        (line(head=None), "head"),
        (line(truth={"commits": []}), "no_code_cause"),
        (line(truth={"commits": ["abcdef0"], "no_code_cause": True}), "no_code_cause"),
        (line(truth={"commits": ["HEAD~1"]}), "hex"),
        (line(event=7), "event"),
        (line(base="--output=/etc/passwd"), "base"),
        (line(id="taken"), "earlier"),
    ],
)
def test_what_is_wrong_with_a_line_is_named(text: bytes, said: str) -> None:
    with pytest.raises(BadPayload, match=said):
        read_case(text, {"taken"})


def test_after_the_culprit_nothing_in_the_range_is_guilty() -> None:
    negative = read_case(line()).after("f" * 40)
    assert negative.id != "one"
    assert negative.base == "f" * 40
    assert negative.truth.no_code_cause
    assert not negative.truth.commits
