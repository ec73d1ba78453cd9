"""The analysis in the thread: after the report, checked, and its absence said where the report is."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from investigator import keys
from investigator.analysis.providers import preload
from investigator.composition import Program, compose
from investigator.counters import StoredCounters
from investigator.errors import OutsideCallFailed
from investigator.investigation import investigate, post_expansion
from investigator.late_analysis import WAITING_SECONDS, analyse_late, ask_for_oldest
from investigator.runs import request_run
from investigator.slack import Slack
from investigator.thread import Thread
from sandbox.llm import LlmSandbox, from_the_evidence
from sandbox.serving import serve
from tests.fixtures.playing import CHANNEL, World, key_of, open_incident, said


@asynccontextmanager
async def living_with(world: World, llm: LlmSandbox, **more: Any) -> AsyncIterator[Program]:
    """The program with this one provider."""
    async with serve(llm.app) as url:
        changed = {"openai_base_url": f"{url}/v1", "pilot_ai_budget_seconds": 20.0, **more}
        settings = world.settings.model_copy(update=changed)
        preload(settings)
        async with compose(settings) as program:
            yield program


def texts(world: World, incident_id: str) -> dict[str, str]:
    """What the messages of this incident say, blocks and all, by their keys."""
    parents, _ = said(world.slack, incident_id)
    return {key_of(m): str(m) for m in (*parents, *world.slack.thread(CHANNEL, parents[0]["ts"]))}


async def test_it_follows_the_report_and_the_parent_names_it(world: World) -> None:
    async with living_with(world, LlmSandbox()) as program:
        incident = await open_incident(program, world.demo.crash)
        await investigate(program, incident.id, 1)
        kept = await program.incidents.findings(incident.id, 1)
        counted = StoredCounters()
        await counted.refresh(program.store)

    parents, replies = said(world.slack, incident.id)
    assert replies == [f"{incident.id}:report:1", f"{incident.id}:analysis:1"], "report first, then analysis"
    said_then = texts(world, incident.id)
    assert "AI analysis below, by gpt-6.1-terra" in said_then[f"{incident.id}:report:1"]
    assert "AI (gpt-6.1-terra, 70% sure)" in str(parents[0])
    analysis = said_then[f"{incident.id}:analysis:1"]
    assert "By gpt-6.1-terra" in analysis, "the model is shown"
    assert "What would prove it wrong" in analysis
    assert f"/pull/{world.demo.service.culprit_pull_request}|" in analysis, "claims link to their evidence"
    assert kept is not None
    assert kept.assessment is not None
    assert kept.assessment.analysis is not None
    assert kept.assessment.analysis.suspect == world.demo.service.culprit_sha
    samples = {
        tuple(s.labels.values()): s.value for f in counted.collect() for s in f.samples if "llm" in s.name
    }
    assert samples == {("openai", "gpt-6.1-terra", "ok"): 1.0}


async def test_the_report_stands_before_any_model_answers(world: World) -> None:
    seen: list[list[str]] = []

    def answer(prompt: str) -> str:
        seen.append(said(world.slack, "1")[1])
        return "nonsense"

    async with living_with(world, LlmSandbox(answer=answer)) as program:
        incident = await open_incident(program, world.demo.crash)
        assert incident.id == "1"
        await investigate(program, incident.id, 1)
    assert seen == [["1:report:1"]], "the report was there while the model was asked"


async def test_without_an_analysis_the_report_says_why_and_nothing_else_does(world: World) -> None:
    broken = LlmSandbox()
    broken.faults.add("/", status=529)
    async with living_with(world, broken) as program:
        incident = await open_incident(program, world.demo.crash)
        await investigate(program, incident.id, 1)
        done = await program.incidents.get(incident.id)
    assert said(world.slack, incident.id)[1] == [f"{incident.id}:report:1"]
    assert (
        "AI analysis unavailable: gpt-6.1-terra is overloaded"
        in texts(world, incident.id)[f"{incident.id}:report:1"]
    )
    assert done.run is not None
    assert done.run.state == "done"


@pytest.mark.parametrize(
    "fault",
    [
        {
            "status": 200,
            "body": zlib.compress(b" " * 2**24, wbits=31),
            "headers": {"Content-Encoding": "gzip"},
        },
        {"status": 308, "headers": {"Location": "/v1/chat/completions"}},
        {"status": 200, "body": b'{"a":' * 10_000 + b"1" + b"}" * 10_000},
    ],
    ids=["a bomb", "a circle of redirects", "JSON 10,000 deep"],
)
async def test_whatever_a_server_does_the_thread_has_its_report_and_says_what_it_was(
    world: World, fault: dict[str, Any]
) -> None:
    hostile = LlmSandbox()
    hostile.faults.add("/", **fault)
    async with living_with(world, hostile) as program:
        incident = await open_incident(program, world.demo.crash)
        await investigate(program, incident.id, 1)
    assert said(world.slack, incident.id)[1] == [f"{incident.id}:report:1"]
    report = texts(world, incident.id)[f"{incident.id}:report:1"]
    assert "gpt-6.1-terra answered with something that is not its protocol" in report
    assert f"/pull/{world.demo.service.culprit_pull_request}|" in report, "the report names the suspect"
    assert "Try AI again" in report


async def test_a_run_cut_off_after_the_answer_asks_no_model_again(world: World) -> None:
    llm = LlmSandbox()

    class DeadSlack(Slack):
        async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
            if method == "chat.update":
                raise OutsideCallFailed("Slack", "unreachable", "it is away")
            answer: dict[str, Any] = await super().call(method, **arguments)
            return answer

    async with living_with(world, llm) as program:
        incident = await open_incident(program, world.demo.crash)
        async with aiohttp.ClientSession() as session:
            slack = DeadSlack("xoxb-test", world.settings.slack_api_url, session)
            with pytest.raises(OutsideCallFailed):
                await investigate(replace(program, thread=Thread(slack, program.store)), incident.id, 1)
        await investigate(program, incident.id, 1)
    assert len(llm.requests) == 1, "what was paid for is used"
    assert said(world.slack, incident.id)[1] == [f"{incident.id}:report:1", f"{incident.id}:analysis:1"]


async def test_when_a_provider_recovers_the_analysis_is_made_late_once_and_says_so(world: World) -> None:
    llm = LlmSandbox()
    llm.faults.add("/", status=503)
    async with living_with(world, llm) as program:
        incident = await open_incident(program, world.demo.crash)
        await investigate(program, incident.id, 1)
        assert await ask_for_oldest(program, now=time.time()), "it waits to be analysed"
        assert not await analyse_late(program, incident.id, 1), "the provider is still away"

        llm.faults.clear()
        assert await analyse_late(program, incident.id, 1)
        assert await analyse_late(program, incident.id, 1), "again: nothing to do"
        assert await program.store.zcard(keys.AI_PENDING) == 0
    assert said(world.slack, incident.id)[1] == [f"{incident.id}:report:1", f"{incident.id}:analysis:1"]
    then = texts(world, incident.id)
    assert "made late" in then[f"{incident.id}:analysis:1"]
    assert "AI (gpt-6.1-terra" in then[f"{incident.id}:parent"]
    assert "AI analysis below" in then[f"{incident.id}:report:1"]


async def test_after_an_hour_nobody_waits_for_an_analysis_any_more(world: World) -> None:
    llm = LlmSandbox()
    llm.faults.add("/", status=503)
    async with living_with(world, llm, pilot_ai_budget_seconds=1.0) as program:
        incident = await open_incident(program, world.demo.crash)
        await investigate(program, incident.id, 1)
        assert not await ask_for_oldest(program, now=time.time() + WAITING_SECONDS + 1)


async def test_a_rerun_that_finds_the_same_says_what_moved_and_one_that_does_not_says_all(
    world: World,
) -> None:
    said_by_model = json.loads(from_the_evidence("[E1] \n[F1] \n[C1] "))
    answers = [
        said_by_model,
        {**said_by_model, "confidence": 0.9},
        {
            **said_by_model,
            "suspect": None,
            "hypothesis": {"text": "The database is full.", "evidence": ["E1"]},
        },
    ]
    llm = LlmSandbox(answer=lambda _: json.dumps(answers[len(llm.requests) - 1]))
    async with living_with(world, llm) as program:
        incident = await open_incident(program, world.demo.crash)
        for number in (1, 2, 3):
            if number > 1:
                await request_run(
                    program.incidents,
                    program.jobs,
                    incident.id,
                    by="U0PRIYA",
                    at=datetime.now(UTC),
                    request=str(number),
                )
            await investigate(program, incident.id, number)
        await post_expansion(program, incident.id, "analysis")
    then = texts(world, incident.id)
    second, third = (then[f"{incident.id}:analysis:{run}"] for run in (2, 3))
    assert "same suspect, same cause as in run 1; confidence 70% → 90%" in second
    assert "What would prove it wrong" not in second, "it stands in the thread already"
    assert "The database is full." in third
    assert "What would prove it wrong" in third
    assert "What would prove it wrong" in then[f"{incident.id}:expand:3:analysis"]


async def test_a_provider_that_was_away_is_waited_for_even_if_another_answered_nonsense(world: World) -> None:
    away, babbles = LlmSandbox(), LlmSandbox(answer=lambda _: "It was the cat.")
    away.faults.add("/", status=503)
    async with serve(babbles.app) as url, living_with(world, away, anthropic_base_url=url) as program:
        incident = await open_incident(program, world.demo.crash)
        await investigate(program, incident.id, 1)
        assert await ask_for_oldest(program, now=time.time()), "it waits for the one that was away"
        away.faults.clear()
        assert await analyse_late(program, incident.id, 1)
    assert "made late" in texts(world, incident.id)[f"{incident.id}:analysis:1"]


async def test_nonsense_alone_is_not_asked_for_again_and_again(world: World) -> None:
    llm = LlmSandbox(answer=lambda _: "It was the cat.")
    async with living_with(world, llm) as program:
        incident = await open_incident(program, world.demo.crash)
        await investigate(program, incident.id, 1)
        assert not await ask_for_oldest(program, now=time.time())
        await program.store.zadd(keys.AI_PENDING, {f"{incident.id}:1": time.time()})
        assert not await analyse_late(program, incident.id, 1)
        assert not await program.store.zcard(keys.AI_PENDING), "no provider failed: nobody to wait for"
