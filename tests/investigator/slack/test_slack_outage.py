"""Slack away for an hour: nothing is lost, one thread for each incident afterwards, and no flood."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from investigator.composition import Program
from investigator.errors import OutsideCallFailed
from investigator.investigation import investigate
from investigator.slack import Slack, SlackRefused
from investigator.slack_trouble import tell_ops
from sandbox.slack import SlackSandbox
from tests.fixtures.playing import CHANNEL, World, key_of, open_incident, said, without_github

pytestmark = pytest.mark.processes

TRIES_IN_AN_HOUR = 3  # of thirteen, to be quick


@pytest.mark.parametrize(
    "outage",
    [
        {"status": 503},
        {"status": 429, "headers": {"Retry-After": "120"}, "body": b"{}"},
        {"status": 200, "body": b"<html>down for maintenance</html>"},
    ],
    ids=["unavailable", "rate limited", "not JSON"],
)
async def test_after_an_hour_without_slack_each_incident_has_its_one_thread(
    world: World, program: Program, outage: dict[str, object]
) -> None:
    quick = without_github(program)
    incidents = [await open_incident(program, world.demo.crash) for _ in range(4)]
    world.slack.faults.add("/api/chat.", **outage)  # type: ignore[arg-type]  # each case has other faults
    for _ in range(TRIES_IN_AN_HOUR):
        for incident in incidents:
            with pytest.raises(OutsideCallFailed):
                await investigate(quick, incident.id, 1)
    assert world.slack.messages(CHANNEL) == []
    world.slack.faults.clear()
    await program.store.delete("slack:pause:chat.postMessage")  # the hour is over
    before = world.slack.call_counts.copy()
    for incident in incidents * 2:  # a retry of RQ's, and the clock that asks again as well
        await investigate(quick, incident.id, 1)
    for incident in incidents:
        parents, replies = said(world.slack, incident.id)
        assert len(parents) == 1, "one thread"
        assert replies == [f"{incident.id}:report:1"], "with its report, said once"
    calls = Counter(world.slack.call_counts) - before
    assert calls["chat.postMessage"] == 2 * len(incidents), "nothing is posted twice"
    assert calls["chat.update"] == len(incidents), "and each parent is edited once"


async def test_a_slack_that_hangs_is_left_and_noted_as_failing(
    slack: Slack, slack_sandbox: SlackSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("investigator.slack.CALL_SECONDS", 0.1)
    slack_sandbox.faults.add("/api/", hang=True)
    async with asyncio.timeout(10):
        with pytest.raises(OutsideCallFailed, match="timeout"):
            await slack.call("chat.postMessage", channel=CHANNEL, text="hello")
    assert not slack.tally.answered


async def test_a_channel_that_refuses_us_is_told_once_for_all_its_incidents(
    world: World, program: Program
) -> None:
    settings = program.settings.model_copy(update={"pilot_ops_channel": "#ops"})
    quick = replace(without_github(program), settings=settings)
    world.slack.workspace.channel(CHANNEL).is_archived = True
    for _ in range(3):
        incident = await open_incident(program, world.demo.crash)
        await investigate(quick, incident.id, 1)
        assert said(world.slack, incident.id, "#incidents")[0], "its thread is in the default channel"
    told = [each for each in world.slack.messages("#ops") if key_of(each).startswith("ops:")]
    assert len(told) == 1, "once a cause, not once an incident"
    assert "unarchive the channel" in str(told[0]["blocks"]), "with what to do"


async def test_a_token_that_is_refused_is_not_used_to_complain(world: World, program: Program) -> None:
    await tell_ops(program, SlackRefused("chat.postMessage", "token_revoked"))
    await tell_ops(program, SlackRefused("chat.postMessage", "some_new_code"))
    assert world.slack.call_counts["chat.postMessage"] == 0


async def test_a_missing_scope_names_the_scope(world: World, program: Program) -> None:
    await tell_ops(program, SlackRefused("files.upload", "missing_scope", "files:write"))
    (told,) = world.slack.messages("#incidents")
    assert "needed: files:write" in str(told["blocks"])
    assert "app_manifest.yml" in str(told["blocks"])


async def test_a_second_missing_scope_of_the_day_is_told_as_well(world: World, program: Program) -> None:
    for scope in ("files:write", "files:write", "pins:write"):
        await tell_ops(program, SlackRefused("files.upload", "missing_scope", scope))
    told = [str(message["blocks"]) for message in world.slack.messages("#incidents")]
    assert len(told) == 2, "each scope once"
    assert "needed: files:write" in told[0]
    assert "needed: pins:write" in told[1]
