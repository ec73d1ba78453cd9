"""What the rules reach, measured; `make bench` writes the same figures to benchmarks/results/redaction.md."""

from __future__ import annotations

import pytest

from benchmarks.redaction import Hide, all_hidden, common_hidden, credentials_hidden, figures
from tests.fixtures.held_out import INNOCENT, held_out
from tests.fixtures.innocents import innocent_lines
from tests.fixtures.later_lists import LISTS, later_innocents, later_secrets
from tests.fixtures.secrets import planted

SECRETS, LINES = planted(), innocent_lines()


def test_the_lists_are_long_enough_to_mean_something() -> None:
    assert len(SECRETS) >= 200
    assert len({each.kind for each in SECRETS}) >= 40
    assert len(set(LINES)) >= 2_000


@pytest.mark.parametrize(("hide", "every"), [(credentials_hidden, 2), (all_hidden, 9)])
def test_secrets_are_hidden_and_innocent_lines_are_not_touched(hide: Hide, every: int) -> None:
    found = figures(hide, SECRETS, LINES[::every])  # all of them are measured by `make bench`
    assert found.recall >= 0.98, f"still readable: {[(each.kind, each.text) for each in found.missed[:9]]}"
    assert found.false_positives <= 0.005, f"touched for nothing: {found.touched[:9]}"


def test_the_rules_reach_further_than_the_common_patterns() -> None:
    assert figures(common_hidden, SECRETS, LINES[:1]).recall < 0.5


def test_what_the_rules_were_not_made_for_is_mostly_hidden_too() -> None:
    secrets = held_out()
    assert len({each.kind for each in secrets}) >= 40
    found = figures(credentials_hidden, secrets, INNOCENT)
    assert found.recall >= 0.95, f"still readable: {[(each.kind, each.text) for each in found.missed]}"
    assert not found.touched


@pytest.mark.parametrize("name", LISTS)
def test_what_later_lists_showed_is_mended(name: str) -> None:
    secrets, lines = later_secrets(name), later_innocents(name)
    assert len({each.kind for each in secrets}) >= 40
    found = figures(all_hidden, secrets, lines)
    assert found.recall >= 0.97, f"still readable: {[(each.kind, each.text) for each in found.missed]}"
    assert found.false_positives <= 0.015, f"touched for nothing: {found.touched}"
