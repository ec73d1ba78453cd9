"""`ask`: a question about an incident, answered from its evidence."""

from __future__ import annotations

import hashlib
import re

from bot.verbs.ask import Ask, Verb, WrongUsage, incident_meant
from investigator.analysis.question import QUESTION_LIMIT
from investigator.composition import Program
from investigator.models.message import Message
from investigator.redaction import Vault, redact

_NUMBER = re.compile(r"#\d+(?=\s|$)")


async def _ask_question(program: Program, ask: Ask) -> Message:
    named = _NUMBER.match(ask.argument)
    question = ask.argument[named.end() :].strip() if named else ask.argument
    if not question:
        raise WrongUsage("ask something, like “why did this start at 14:02?”")
    if len(question) > QUESTION_LIMIT:
        raise WrongUsage(f"a question may have {QUESTION_LIMIT} characters, this one has {len(question)}")
    incident = await incident_meant(program, ask, named[0] if named else "")
    done = [run.number for run in incident.runs if run.state == "done"]
    if incident.parent is None or not done:
        raise WrongUsage(f"#{incident.id} has no report yet that I could answer from")
    if await program.incidents.findings(incident.id, done[-1]) is None:
        raise WrongUsage(f"what #{incident.id} was about is not kept any more; `rerun` investigates it again")
    request = hashlib.sha256(ask.id.encode()).hexdigest()[:24]
    said_as = ask.id if ask.thread and ask.thread.id == incident.id else ""
    kept = redact(question, Vault(), emails=False, ips=False)  # a job is stored, and so is its answer
    await program.jobs.answer_question(incident.id, request, kept, ask.user, said_as)
    return program.renderer.render("asked", incident=incident)


ASK = Verb("ask", "[#incident] <question>", "answer a question from the evidence", _ask_question)
