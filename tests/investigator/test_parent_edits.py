"""A storm's counters never hold up the inbox, and what people must see goes first."""

from __future__ import annotations

from typing import cast

from investigator.parent_edits import AT_ONCE, ParentEdits
from investigator.queue import Jobs


class Asked:
    """Takes what is asked for, unless that is under way already."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.under_way: set[str] = set()

    async def refresh(self, incident_id: str) -> bool:
        if incident_id in self.under_way:
            return False
        self.asked.append(incident_id)
        return True


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def edits() -> tuple[ParentEdits, Asked, Clock]:
    asked, clock = Asked(), Clock()
    return ParentEdits(cast(Jobs, asked), clock), asked, clock


async def test_hundreds_of_counters_cost_one_edit_a_second_and_each_gets_its_turn() -> None:
    waiting, asked, clock = edits()
    for _ in range(300):
        waiting.counted(str(number) for number in range(200))
        await waiting.ask()
        clock.now += 0.5
    assert len(asked.asked) <= 151
    assert set(asked.asked[:100]) == {str(number) for number in range(100)}, "the longest wait comes first"


async def test_a_change_does_not_wait_behind_counters() -> None:
    waiting, asked, _ = edits()
    waiting.counted(str(number) for number in range(200))
    waiting.changed("news")
    await waiting.ask()
    assert asked.asked[0] == "news"


async def test_changes_beyond_one_turn_wait_for_the_next() -> None:
    waiting, asked, _ = edits()
    for number in range(AT_ONCE + 2):
        waiting.changed(str(number))
    await waiting.ask()
    assert len(asked.asked) == AT_ONCE
    await waiting.ask()
    assert len(asked.asked) == AT_ONCE + 2


async def test_one_incident_is_not_edited_again_at_once_and_not_forgotten() -> None:
    waiting, asked, clock = edits()
    waiting.changed("1")
    await waiting.ask()
    waiting.changed("1")
    await waiting.ask()
    assert asked.asked == ["1"]
    clock.now += 3
    await waiting.ask()
    assert asked.asked == ["1", "1"]


async def test_an_edit_under_way_is_asked_for_again() -> None:
    waiting, asked, clock = edits()
    asked.under_way.add("1")
    waiting.changed("1")
    await waiting.ask()
    asked.under_way.clear()
    clock.now += 3
    await waiting.ask()
    assert asked.asked == ["1"]
