"""Questions and second tries through the real application, as mentions, commands and clicks."""

from __future__ import annotations

import pytest

from investigator import keys
from investigator.composition import Program
from investigator.investigation import investigate
from investigator.late_analysis import analyse_late
from investigator.models.incident import Incident
from investigator.queue import queue
from investigator.store import connect_sync
from sandbox.llm import LlmSandbox
from tests.fixtures.playing import CHANNEL, World, open_incident, without_github
from tests.fixtures.talking import command, jobs, read
from tests.investigator.runs.test_analysis_in_thread import living_with, texts


async def mentioned(world: World, incident: Incident, text: str) -> str:
    """What is answered in the thread to `@pilot <text>`."""
    assert incident.parent
    before = len(world.slack.thread(CHANNEL, incident.parent.ts))
    await world.slack.mention(f"@pilot {text}", channel=CHANNEL, thread_ts=incident.parent.ts)
    await world.slack.until(
        lambda: len(world.slack.thread(CHANNEL, incident.parent.ts if incident.parent else "")) == before + 2,
        timeout=10,
    )
    return read(world.slack.thread(CHANNEL, incident.parent.ts)[-1])


@pytest.mark.parametrize(
    "text", ["why did this start at 14:02?", "explain the error to me", "ask who owns this", "rerrun this?"]
)
async def test_a_mention_in_the_thread_that_is_no_command_is_a_question(
    listening: World, incident: Incident, text: str
) -> None:
    assert f"Looking for the answer in the evidence of #{incident.id}" in await mentioned(
        listening, incident, text
    )
    assert [job.rpartition("-")[0] for job in jobs(listening)] == [f"answer-{incident.id}"]


@pytest.mark.parametrize(
    ("text", "near"), [("rerrun", "rerun"), ("expnd frames", "expand"), ("xyzzy", "help")]
)
async def test_a_mistyped_command_is_none(listening: World, incident: Incident, text: str, near: str) -> None:
    answer = await mentioned(listening, incident, text)
    assert "no command" in answer
    assert f"/pilot {near}" in answer
    assert jobs(listening) == []


async def test_in_the_channel_a_question_needs_its_verb(listening: World, incident: Incident) -> None:
    assert "no command “why”" in await command(listening, "why did this start?")
    assert "Looking for the answer" in await command(listening, f"ask #{incident.id} why did this start?")
    assert "Looking for the answer" in await command(listening, "ask why did this start?")
    assert len(jobs(listening)) == 2
    assert "ask something" in await command(listening, "ask")
    assert "ask something" in await command(listening, f"ask #{incident.id}")
    assert "500 characters" in await command(listening, "ask " + "why " * 200)


async def test_there_must_be_a_report_to_answer_from(
    listening: World, program: Program, incident: Incident
) -> None:
    running = await open_incident(program, listening.demo.outage)
    assert "no report yet" in await command(listening, f"ask #{running.id} why?")
    await program.store.delete(keys.findings(incident.id, 1))
    assert "not kept any more" in await command(listening, f"ask #{incident.id} why?")
    assert jobs(listening) == []


async def test_a_secret_in_a_question_is_not_even_queued(listening: World, incident: Incident) -> None:
    await command(listening, f"ask #{incident.id} why is the password hunter2hunter2 or ghp_{'a1' * 18}?")
    with connect_sync(str(listening.settings.redis_url)) as connection:
        job = queue(connection).fetch_job(jobs(listening)[0])
        assert job is not None
        assert "ghp_a1" not in str(job.args)


async def test_an_analysis_can_be_tried_again_and_the_report_says_how_that_went(world: World) -> None:
    llm = LlmSandbox()
    llm.faults.add("/", status=529)
    async with living_with(world, llm) as program:
        incident = await open_incident(program, world.demo.crash)
        await investigate(without_github(program), incident.id, 1)
        report = f"{incident.id}:report:1"
        assert "Try AI again" in texts(world, incident.id)[report]
        llm.faults.clear()
        llm.faults.add("/", status=401)
        assert not await analyse_late(program, incident.id, 1, tell_failure=True)
        assert "refuses our key" in texts(world, incident.id)[report], "the new reason is told"
        llm.faults.clear()
        assert await analyse_late(program, incident.id, 1, tell_failure=True)
    assert "Try AI again" not in texts(world, incident.id)[report]
    assert f"{incident.id}:analysis:1" in texts(world, incident.id)


async def test_trying_again_needs_a_provider_and_a_report_without_analysis(
    listening: World, incident: Incident
) -> None:
    assert "no AI provider is configured" in await command(listening, "analyse")
