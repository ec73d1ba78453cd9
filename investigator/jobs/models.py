"""What models are asked outside of a run: late, again, or a person's question."""

from __future__ import annotations

import time

from investigator import late_analysis, questions
from investigator.composition import Program
from investigator.jobs.carrying import alone, with_program


def late_analyses() -> None:
    """Try whether a provider can make an analysis again that none could."""

    async def work(program: Program) -> None:
        await late_analysis.ask_for_oldest(program, now=time.time())

    with_program(work)


def analyse_late(incident_id: str, run: int) -> None:
    """Analyse a run after the fact; if that works, the next one that waits follows at once."""

    async def work(program: Program) -> None:
        if await late_analysis.analyse_late(program, incident_id, run):
            await late_analysis.ask_for_oldest(program, now=time.time())

    alone(incident_id, work)


def analyse_again(incident_id: str, run: int) -> None:
    """Analyse a run because a person asked for it, and say in the report what came of it."""

    async def work(program: Program) -> None:
        await late_analysis.analyse_late(program, incident_id, run, tell_failure=True)

    alone(incident_id, work)


def answer_question(incident_id: str, request: str, question: str, user: str, said_as: str) -> None:
    """Answer a person's question about an incident in its thread."""

    async def work(program: Program) -> None:
        await questions.answer_question(
            program, incident_id, request, question=question, by=user, said_as=said_as
        )

    alone(incident_id, work)
