"""The runbook has a row for every line that a report may end with, in the words that people read there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from investigator.analysis.failures import Kind, in_words
from investigator.evidence.gaps import REMEDIES
from tests.faults.table import FAULTS

ROOT = Path(__file__).parents[2]
TABLE = re.search(
    r"## Lines in a thread that say something is missing\n(.*?)\n## ",
    (ROOT / "docs/operations.md").read_text(),
    re.DOTALL,
)
ROWS = re.findall(r"^\| (\*.+?) \|", TABLE[1] if TABLE else "", re.MULTILINE)
OUTSIDE = {kind.replace("_", " ") + ":" for kind in REMEDIES}


def words() -> Iterator[str]:
    """Every phrase that a row quotes; what stands for something else (…) parts two of them."""
    for row in ROWS:
        for quoted in re.findall(r"\*(.+?)\*", row):
            yield from (each for each in quoted.split(" … ") if each not in OUTSIDE)


def said_by_the_program() -> str:
    sources = [*(ROOT / "templates").rglob("*.j2"), *(ROOT / "investigator").rglob("*.py")]
    return re.sub(r"[*\s]+", " ", " ".join(path.read_text() for path in sources))


@pytest.mark.parametrize("kind", REMEDIES)
def test_every_way_in_which_the_outside_fails_has_its_row(kind: str) -> None:
    assert f"*{kind.replace('_', ' ')}:*" in " ".join(ROWS)


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_reason_for_no_analysis_has_its_row(kind: Kind) -> None:
    assert in_words(kind).partition(":")[0] in " ".join(ROWS)


def test_no_row_quotes_what_nobody_says() -> None:
    said = said_by_the_program()
    quoted = {each.removeprefix("AI analysis unavailable: ").removeprefix("… ") for each in words()}
    assert len(quoted) > 20, "the table was not read"
    assert {each for each in quoted if each not in said} == set()


def test_every_fault_that_can_be_played_has_its_row_and_none_failed() -> None:
    rows = re.findall(r"^\| (?!fault \|)([^|-][^|]*) \|", (ROOT / "docs/faults.md").read_text(), re.MULTILINE)
    assert rows == [fault.name for fault in FAULTS]
    assert "FAILED" not in (ROOT / "docs/faults.md").read_text()
