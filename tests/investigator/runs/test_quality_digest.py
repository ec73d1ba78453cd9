"""The week's figures are told once; what really gets worse is told at once, and once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from investigator import keys
from investigator.composition import Program
from investigator.quality.digest import post_digest
from investigator.quality.records import RunRecord
from tests.fixtures.playing import World

MONDAY = datetime(2026, 11, 23, 8, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def runs(program: Program, number: int, at: datetime, *, available: bool) -> None:
    for each in range(number):
        moment = at + timedelta(seconds=each)
        record = RunRecord(
            incident=f"{at:%d%H}{each}",
            run=1,
            at=moment,
            service="checkout",
            model="m",
            provider="p",
            unavailable="" if available else "timeout",
        )
        fields: Any = {"kind": "run", "record": record.model_dump_json()}
        await program.store.xadd(keys.QUALITY_EVENTS, fields, id=f"{int(moment.timestamp() * 1000)}-0")


def uploads(world: World) -> int:
    return world.slack.call_counts["files.getUploadURLExternal"]


async def test_the_weeks_figures_are_told_once_and_drawn_once(world: World, program: Program) -> None:
    await runs(program, 30, MONDAY - timedelta(days=2), available=True)
    assert not await post_digest(program, MONDAY - HOUR), "the week is not over"
    assert await post_digest(program, MONDAY)
    drawn = uploads(world)
    for later in range(1, 30):
        assert not await post_digest(program, MONDAY + later * HOUR)
    assert len(world.slack.messages(program.catalog.default_channel)) == 1
    assert uploads(world) == drawn, "a picture that nobody sees was uploaded every hour"


async def test_what_gets_worse_after_the_figures_is_told_the_same_week_once(
    world: World, program: Program
) -> None:
    await runs(program, 60, MONDAY - timedelta(days=12), available=True)
    await runs(program, 5, MONDAY - timedelta(days=1), available=True)
    assert await post_digest(program, MONDAY)
    await runs(program, 40, MONDAY + HOUR, available=False)
    assert await post_digest(program, MONDAY + 2 * HOUR), "half of all analyses fail, and nobody hears of it"
    assert not await post_digest(program, MONDAY + 3 * HOUR)
    assert len(world.slack.messages(program.catalog.default_channel)) == 2


async def test_what_got_worse_before_the_figures_is_in_them(world: World, program: Program) -> None:
    await runs(program, 60, MONDAY - timedelta(days=20), available=True)
    await runs(program, 40, MONDAY - timedelta(days=2), available=False)
    assert await post_digest(program, MONDAY)
    assert not await post_digest(program, MONDAY + HOUR), "the same message again"
    assert len(world.slack.messages(program.catalog.default_channel)) == 1
