"""A mute keeps known trouble out of the channel until it ends, and everybody can see it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from investigator import clock, mutes
from investigator.audit import entries
from investigator.composition import Program
from investigator.durations import parse_duration
from investigator.investigation import investigate
from investigator.models.incident import Incident
from tests.fixtures.playing import CHANNEL, World, open_incident, said, without_github
from tests.fixtures.talking import command, jobs, read


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("30m", 30), ("2h", 120), ("1d", 1440), ("1h30m", 90), ("2W", 20160)],
)
def test_durations_are_read_as_typed(text: str, minutes: int) -> None:
    assert parse_duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "0m", "h", "2", "2x", "-2h", "2h!", "99999h"])
def test_what_is_no_duration_is_none(text: str) -> None:
    assert parse_duration(text) is None


async def test_a_muted_service_is_neither_investigated_nor_posted_until_it_ends(
    listening: World, program: Program
) -> None:
    answer = await command(listening, "mute checkout 2h deploying the fix")
    assert "muted checkout until" in answer
    assert "deploying the fix" in answer
    muted = await open_incident(program, listening.demo.crash)
    await investigate(without_github(program), muted.id, 1)
    assert said(listening.slack, muted.id) == ([], []), "nothing is posted"
    held = await program.incidents.get(muted.id)
    assert held.run is not None
    assert held.run.state == "requested"
    status = await command(listening, "status")
    assert "Muted" in status
    assert "checkout until" in status
    assert "deploying the fix" in status
    now = datetime.now(UTC)
    assert await clock.sweep(program.incidents, program.jobs, now=now) == 0, "it is not asked for before"
    assert await clock.sweep(program.incidents, program.jobs, now=now + timedelta(hours=3)) == 1


async def test_unmuting_investigates_what_is_still_open(listening: World, program: Program) -> None:
    await command(listening, "mute checkout 2h")
    open_one = await open_incident(program, listening.demo.crash)
    over = await open_incident(program, listening.demo.outage)
    for each in (open_one, over):
        await investigate(without_github(program), each.id, 1)
    await program.incidents.update(over.id, lambda it: it.model_copy(update={"status": "resolved"}))
    assert "ended the mute of checkout" in await command(listening, "unmute checkout")
    assert jobs(listening) == [f"investigate-{open_one.id}-1"]
    for each in (open_one, over):
        await investigate(without_github(program), each.id, 1)
    assert said(listening.slack, open_one.id)[0], "the thread of what is open"
    assert said(listening.slack, over.id)[0] == [], "what ended meanwhile needs none"
    assert "not muted" in await command(listening, "unmute checkout")


async def test_an_incident_is_muted_by_its_issue_in_words_and_by_name(
    listening: World, incident: Incident, program: Program
) -> None:
    assert incident.parent
    await command(listening, f"mute #{incident.id} 1d known, waiting for the vendor")
    last = read(listening.slack.thread(CHANNEL, incident.parent.ts)[-1])
    assert "<@U0PRIYA>" in str(listening.slack.thread(CHANNEL, incident.parent.ts)[-1]["blocks"])
    assert "waiting for the vendor" in last
    again = await open_incident(program, listening.demo.crash)
    other = await open_incident(program, listening.demo.outage)
    standing = await mutes.standing(program.store, datetime.now(UTC))
    assert mutes.covering(standing, again), "the same issue is covered when it comes back"
    assert mutes.covering(standing, other) is None, "another issue of the service is not"
    kept = (await entries(program.store))[0]
    assert (kept.who, kept.what, kept.incident, kept.result) == ("U0PRIYA", "mute", incident.id, "done")


async def test_a_person_may_still_ask_for_an_investigation(listening: World, program: Program) -> None:
    await command(listening, "mute checkout 2h")
    waiting = await open_incident(program, listening.demo.crash)
    asked = waiting.runs[0].model_copy(update={"requested_by": "U0PRIYA"})
    await program.incidents.update(waiting.id, lambda it: it.model_copy(update={"runs": (asked,)}))
    await investigate(without_github(program), waiting.id, 1)
    assert said(listening.slack, waiting.id)[0]


async def test_an_ended_mute_is_forgotten(listening: World, program: Program) -> None:
    await command(listening, f"mute {listening.demo.crash.issue['shortId']} 30m")
    now = datetime.now(UTC)
    assert len(await mutes.standing(program.store, now)) == 1
    assert await mutes.standing(program.store, now + timedelta(hours=1)) == []
    assert "Muted" not in await command(listening, "status")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("mute checkout", "say for how long"),
        ("mute", "say for how long"),
        ("mute checkout 60d", "at most"),
        ("mute nothing-like-that! 2h", "neither a service nor an issue"),
        ("mute #99 2h", "no incident #99"),
        ("mute 2h", "no open incident in this channel"),
    ],
)
async def test_what_cannot_be_muted_is_explained(listening: World, text: str, why: str) -> None:
    assert why in await command(listening, text)
