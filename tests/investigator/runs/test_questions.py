"""Questions in the thread: answered from the evidence only, once, and told plainly when they cannot be."""

from __future__ import annotations

import json
from typing import Any

from investigator.composition import Program
from investigator.investigation import investigate
from investigator.models.incident import Incident
from investigator.questions import answer_question
from sandbox.llm import LlmSandbox
from tests.fixtures.playing import World, key_of, open_incident, said, without_github
from tests.investigator.runs.test_analysis_in_thread import living_with, texts

NOTHING_TOLD = {"answered": False, "statements": [], "missing": "One would need the database's log."}


def told(text: str, *evidence: str) -> dict[str, Any]:
    return {"answered": True, "statements": [{"text": text, "evidence": list(evidence)}], "missing": ""}


def answering(*documents: dict[str, Any]) -> LlmSandbox:
    """A model that gives these answers, the last of them for ever."""
    left = list(documents)
    return LlmSandbox(answer=lambda _: json.dumps(left.pop(0) if len(left) > 1 else left[0]))


async def investigated(program: Program, world: World) -> Incident:
    incident = await open_incident(program, world.demo.crash)
    await investigate(without_github(program), incident.id, 1)
    return incident


async def ask(program: Program, incident: Incident, question: str = "Why?", request: str = "r1") -> None:
    await answer_question(program, incident.id, request, question=question, by="U0PRIYA", said_as="")


def answer_in(world: World, incident: Incident, request: str = "r1") -> str:
    return texts(world, incident.id)[f"{incident.id}:answer:{request}"]


async def test_it_is_answered_with_the_evidence_it_rests_on_and_once(world: World) -> None:
    llm = answering({}, told("The quantity was compared with None.", "E1", "F1"))
    async with living_with(world, llm) as program:
        incident = await investigated(program, world)
        for _ in range(2):
            await ask(program, incident, "why did this start?")
    shown = answer_in(world, incident)
    assert "<@U0PRIYA> asked: “why did this start?”" in shown
    assert "The quantity was compared with None. (" in shown
    assert "units.py:22" in shown, "the cited piece is named"
    assert "By gpt-6.1-terra" in shown
    assert len(llm.requests) == 2, "the analysis, and the question once"
    assert said(world.slack, incident.id)[1].count(f"{incident.id}:answer:r1") == 1


async def test_what_is_not_in_the_evidence_is_refused_politely(world: World) -> None:
    async with living_with(world, answering({}, NOTHING_TOLD)) as program:
        incident = await investigated(program, world)
        await ask(program, incident, "who won the cup?")
    assert f"The evidence of #{incident.id} does not tell" in answer_in(world, incident)
    assert "One would need the database's log." in answer_in(world, incident)


async def test_an_invented_answer_is_withheld_and_the_evidence_shown_instead(world: World) -> None:
    invented = told("Commit deadbee1 broke it, see https://evil.example/fix.", "E1")
    async with living_with(world, answering({}, invented)) as program:
        incident = await investigated(program, world)
        await ask(program, incident, "which error is it?")
    shown = answer_in(world, incident)
    assert "cited things that are not in the evidence" in shown
    assert "TypeError" in shown, "what the report knows about it"
    assert "deadbee1" not in shown
    assert "evil.example" not in shown


async def test_without_a_provider_the_evidence_answers(world: World, program: Program) -> None:
    incident = await investigated(program, world)
    await ask(program, incident, "which error is it?")
    await ask(program, incident, "xyzzy?", request="r2")
    shown = answer_in(world, incident)
    assert "AI unavailable" in shown
    assert "no provider configured" in shown
    assert "TypeError" in shown
    assert "Expand shows all of it" in answer_in(world, incident, "r2")


async def test_there_is_a_limit_of_questions_to_a_model(world: World) -> None:
    llm = answering({}, told("It is a TypeError.", "E1"))
    async with living_with(world, llm, pilot_ai_questions=2) as program:
        incident = await investigated(program, world)
        for request in ("a", "b", "a", "c"):
            await ask(program, incident, request=request)
    assert "It is a TypeError" in answer_in(world, incident, "b")
    assert "2 questions about one incident are the limit" in answer_in(world, incident, "c")
    assert len(llm.requests) == 3, "the analysis and two questions"


async def test_the_answer_takes_the_place_of_what_announced_it(world: World) -> None:
    async with living_with(world, answering({}, told("It is a TypeError.", "E1"))) as program:
        incident = await program.incidents.get((await investigated(program, world)).id)
        assert incident.parent
        announced = program.renderer.render("asked", incident=incident)
        await program.thread.say(
            "mention:Ev1",
            announced,
            incident="",
            channel=incident.parent.channel,
            thread_ts=incident.parent.ts,
        )
        await answer_question(
            program, incident.id, "r1", question="What?", by="U0PRIYA", said_as="mention:Ev1"
        )
    replies = world.slack.thread(incident.parent.channel, incident.parent.ts)
    assert [key_of(reply) for reply in replies][-1] == "mention:Ev1"
    assert "It is a TypeError" in str(replies[-1])


async def test_a_secret_in_a_question_reaches_neither_model_nor_thread(world: World) -> None:
    llm = answering({}, told("It is a TypeError.", "E1"))
    async with living_with(world, llm) as program:
        incident = await investigated(program, world)
        await ask(program, incident, "is ghp_0123456789abcdefghijABCDEFGHIJ012345 the cause?")
    assert "ghp_0123456789" not in str(llm.requests)
    assert "ghp_0123456789" not in answer_in(world, incident)
