"""Thumbs and grades of people reach the stream that figures are made from; reasons too."""

from __future__ import annotations

from typing import Any

import pytest

from investigator import keys
from investigator.audit import entries
from investigator.composition import Program
from investigator.models.incident import Incident
from tests.fixtures.playing import CHANNEL, World
from tests.fixtures.talking import command, jobs, read


async def judgements(program: Program) -> list[dict[str, str]]:
    kept: Any = await program.store.xrange(keys.QUALITY_EVENTS)
    told = [{name.decode(): value.decode() for name, value in fields.items()} for _, fields in kept]
    return [each for each in told if each["kind"] in {"thumbs", "graded"}]


def report(world: World, incident: Incident) -> dict[str, Any]:
    assert incident.parent
    return world.slack.thread(CHANNEL, incident.parent.ts)[0]


async def thumb(world: World, incident: Incident, value: str) -> None:
    ts = report(world, incident)["ts"]
    assert (await world.slack.click(CHANNEL, ts, "pilot_feedback", value=f"{value}:1:1")).ok


async def thank_you(world: World, times: int = 1) -> str:
    await world.slack.until(lambda: len(world.slack.ephemerals("priya")) >= times, timeout=10)
    return read(world.slack.ephemerals("priya")[-1])


async def test_a_thumb_up_is_kept_and_asks_nothing(
    listening: World, incident: Incident, program: Program
) -> None:
    await thumb(listening, incident, "up")
    assert "helpful" in await thank_you(listening)
    (kept,) = await judgements(program)
    assert (kept["kind"], kept["incident"], kept["run"]) == ("thumbs", "1", "1")
    assert (kept["value"], kept["by"], kept["reason"]) == ("up", "U0PRIYA", "")
    assert listening.slack.workspace.views == {}
    assert (await entries(program.store))[0].what == "thumbs"


async def test_a_thumb_down_asks_why_and_counts_without_an_answer(
    listening: World, incident: Incident, program: Program
) -> None:
    await listening.slack.click(
        CHANNEL, report(listening, incident)["ts"], "pilot_feedback", value="down:1:1"
    )
    await thank_you(listening)
    assert [each["value"] for each in await judgements(program)] == ["down"]
    (view,) = listening.slack.workspace.views.values()
    words = {"reason": {"words": "it was the database"}}
    assert (await listening.slack.acts.submit(view.id, words, user="priya")).ok
    await listening.slack.until(lambda: listening.slack.workspace.views == {}, timeout=10)
    await thumb(listening, incident, "up")
    await thank_you(listening, 2)
    kept = await judgements(program)
    assert [each["reason"] for each in kept] == ["", "it was the database", ""]


@pytest.mark.parametrize("grade", ["bullseye", "near", "area", "wrong"])
async def test_whoever_resolves_is_asked_whether_the_cause_was_right(
    listening: World, incident: Incident, program: Program, grade: str
) -> None:
    assert incident.parent
    await command(listening, "resolve")
    asked = listening.slack.thread(CHANNEL, incident.parent.ts)[-1]
    assert (await listening.slack.click(CHANNEL, asked["ts"], f"pilot_grade_{grade}")).ok
    await listening.slack.until(
        lambda: "Noted for" in read(listening.slack.ephemerals("priya")[-1]), timeout=10
    )
    (kept,) = await judgements(program)
    assert (kept["kind"], kept["value"], kept["incident"], kept["run"]) == ("graded", grade, "1", "1")


async def test_a_forged_value_is_not_kept(listening: World, incident: Incident, program: Program) -> None:
    from sandbox.slack import payloads

    slack = listening.slack
    person, place = slack.workspace.user("priya"), slack.workspace.channel(CHANNEL)
    scene = payloads.Scene(slack.workspace, place, person, "trigger", "http://127.0.0.1:1/none")
    message = place.messages[report(listening, incident)["ts"]]
    for value in ("up:1:1:2", "sideways:1:1", "up:<!channel>:1", ""):
        action: dict[str, object] = {"type": "button", "action_id": "pilot_feedback", "value": value}
        action["block_id"] = "b"
        assert (await slack._bot.interaction(payloads.message_action(scene, message, action))).ok
    assert await judgements(program) == []


async def test_the_menu_does_what_one_could_type(
    listening: World, incident: Incident, program: Program
) -> None:
    assert incident.parent
    assert (await listening.slack.click(CHANNEL, incident.parent.ts, "pilot_more", value="assign me #1")).ok
    assert "looks after #1" in await thank_you(listening)
    assert (await program.incidents.get("1")).assigned_to == "U0PRIYA"


async def test_the_resolve_button_resolves(listening: World, incident: Incident, program: Program) -> None:
    assert incident.parent
    assert (await listening.slack.click(CHANNEL, incident.parent.ts, "pilot_resolve")).ok
    assert "resolved #1" in await thank_you(listening)
    assert (await program.incidents.get("1")).status == "resolved"
    assert jobs(listening) == ["refresh-1"]
