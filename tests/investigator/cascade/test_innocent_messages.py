"""Errors of a program's own making name nobody and are nobody's consequence."""

from __future__ import annotations

from pathlib import Path

import pytest

from investigator.cascade.signals import signals_of
from investigator.models.sentry import Frame, SentryEvent, SentryException

# A line an error, as “type: message”; line breaks are written \\n.
MESSAGES = [
    line.replace("\\n", "\n")
    for line in (Path(__file__).parent / "innocent_messages.txt").read_text().splitlines()
]


@pytest.mark.parametrize("line", MESSAGES)
def test_an_error_of_ones_own_names_nobody(line: str) -> None:
    kind, _, value = line.partition(":")
    frames = (Frame(module="shop.orders.pricing", function="total_of", in_app=True),)
    event = SentryEvent(exceptions=(SentryException(type=kind, value=value.strip(), frames=frames),))

    signals = signals_of(event, None)

    assert signals.targets == (), "an innocent error names another system"
    assert not signals.dependent, "an innocent error passes for a consequence"


def test_there_are_enough_innocents_to_speak_of() -> None:
    assert len(set(MESSAGES)) >= 100
