"""`ask`: a question about an incident, answered from its evidence."""

from __future__ import annotations

import hashlib
import re

from bot.verbs.ask import Ask, Verb, WrongUsage, incident_meant
from investigator.analysis.question import QUESTION_LIMIT
from investigator.composition import Program
from investigator.models.message import Message

_NUMBER = re.compile(r"#\d+(?=\s|$)")


async def _ask_question(program: Program, ask: Ask) -> Message:
    named = _NUMBER.match(ask.argument)
    question = ask.argument[named.end() :].strip() if named else ask.argument
    if not question:
        raise WrongUsage("ask something, like “why did this start at 14:02?”")
    if len(question) > QUESTION_LIMIT:
        raise WrongUsage(f"a question may have {QUESTION_LIMIT} characters, this one has {len(question)}")
    incident = await incident_meant(program, ask, named[0] if named else "")
    if incident.parent is None or not any(run.state == "done" for run in incident.runs):
        raise WrongUsage(f"#{incident.id} has no report yet that I could answer from")
    request = hashlib.sha256(ask.id.encode()).hexdigest()[:24]
    said_as = ask.id if ask.thread and ask.thread.id == incident.id else ""
    await program.jobs.answer_question(incident.id, request, question, ask.user, said_as)
    return program.renderer.render("asked", incident=incident)


ASK = Verb("ask", "[#incident] <question>", "answer a question from the evidence", _ask_question)
