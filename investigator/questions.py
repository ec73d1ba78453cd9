"""Answers to people's questions about an incident, from its evidence only, into its thread."""

from __future__ import annotations

import structlog

from investigator import keys
from investigator.analysis.evidence_ids import number
from investigator.analysis.look_up import look_up
from investigator.analysis.question import asked
from investigator.analysis.view import claim_view
from investigator.composition import Program
from investigator.counters import LLM_REQUESTS
from investigator.incidents import FINDINGS_SECONDS
from investigator.models.incident import Findings
from investigator.models.question import Answered
from investigator.redaction import Vault, redact_document
from investigator.run_messages import reply

log = structlog.get_logger()


async def answer_question(
    program: Program, incident_id: str, request: str, *, question: str, by: str, said_as: str
) -> None:
    """Answer `question` of the Slack user `by` in the incident's thread, once.

    `request` identifies the asking: a repeated job asks no model again. `said_as` is the key of the message
    that announced the answer in the thread, which the answer then replaces; empty: nothing announced it.

    Raises:
        OutsideCallFailed: Slack cannot be reached now; the job is to be tried again.
    """
    incident = await program.incidents.get(incident_id)
    done = [run.number for run in incident.runs if run.state == "done"]
    findings = await program.incidents.findings(incident_id, done[-1]) if done else None
    if findings is None:
        log.warning("nothing_to_answer_from", incident=incident_id)
        return
    answer = await _kept(program, incident_id, request)
    if answer is None:
        answer = await _ask(program, incident_id, findings, question=question, by=by)
        for attempt in answer.attempts:
            await LLM_REQUESTS.add(program.store, attempt.provider, attempt.model, attempt.outcome)
        await program.store.hset(keys.answers(incident_id), request, answer.model_dump_json())
        await program.store.expire(keys.answers(incident_id), FINDINGS_SECONDS)
    pieces = {piece.id: piece for piece in number(findings)}
    statements = [claim_view(claim, pieces) for claim in answer.statements]
    message = program.renderer.render("answer", incident=incident, answer=answer, statements=statements)
    announced = await program.thread.where(said_as) if said_as else None
    if announced:
        await program.thread.edit(said_as, message, incident=incident_id, at=announced)
    else:
        await reply(program, incident, f"{incident_id}:answer:{request}", message)
    log.info("question_answered", incident=incident_id, by=by, status=answer.status, words=answer.words)


async def _ask(program: Program, incident_id: str, findings: Findings, *, question: str, by: str) -> Answered:
    vault = Vault()
    pieces = number(redact_document(findings, vault, "all"))
    why = await _too_many(program, incident_id)
    if why is None:
        told = await program.analyst.panel.ask(asked(question, by, pieces, vault))
        if told.result:
            return told.result.model_copy(update={"attempts": told.attempts})
        why, attempts = told.words, told.attempts
    else:
        attempts = ()
    return Answered(
        question=question,
        by=by,
        status="unavailable",
        words=why,
        statements=look_up(question, number(findings)),
        attempts=attempts,
    )


async def _too_many(program: Program, incident_id: str) -> str | None:
    """Why no model is asked any more about this incident."""
    most = program.settings.pilot_ai_questions
    if await program.store.hlen(keys.answers(incident_id)) < most:
        return None
    return f"{most} questions about one incident are the limit (PILOT_AI_QUESTIONS)"


async def _kept(program: Program, incident_id: str, request: str) -> Answered | None:
    document = await program.store.hget(keys.answers(incident_id), request)
    return Answered.model_validate_json(document) if document else None
