"""PILOT_DURABILITY says who must confirm a write; a typing mistake is found at start."""

from __future__ import annotations

import pytest

from investigator.durability import Durability, parse_durability
from investigator.errors import ConfigurationError
from investigator.settings import load_settings


def test_local_needs_nobody_else_and_replicated_names_how_many() -> None:
    assert parse_durability("local") == Durability(replicas=0)
    assert parse_durability("replicated:2") == Durability(replicas=2)


@pytest.mark.parametrize("text", ["", "replicated", "replicated:0", "replicated:-1", "replicated:1 ", "none"])
def test_anything_else_says_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match="write `local`, or `replicated:N`"):
        parse_durability(text)


def test_a_mistake_in_the_environment_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILOT_DURABILITY", "replicated:all")
    with pytest.raises(ConfigurationError, match=r"PILOT_DURABILITY.*replicated:all"):
        load_settings()
