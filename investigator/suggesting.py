"""A change of code for a run whose analysis blames code: asked for once, checked, told in the thread."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from investigator.analysis.fix_question import Written, changeable, fix_question, why_not
from investigator.analysis.panel import Panel
from investigator.composition import Program
from investigator.counters import LLM_REQUESTS
from investigator.deadline import Deadline
from investigator.errors import OutsideCallFailed
from investigator.github.client import GitHub
from investigator.models.incident import Findings
from investigator.models.suggestion import SuggestedFix
from investigator.patching.edits import NotAllowed, Original, patched
from investigator.redaction import Vault, redact
from investigator.run_messages import reply

log = structlog.get_logger()

READ_SECONDS = 10.0
LEAST_SECONDS = 3.0  # of the analysis's budget, for a suggestion to be worth asking for
_NOT_NOW = frozenset({"timeout", "unreachable", "server_error", "rate_limited", "cut", "bad_answer"})


async def suggest_fix(program: Program, incident_id: str, number: int) -> None:
    """Ask for a change for run `number`, keep it and tell of it. Repeated, it asks no model again.

    What the run before suggested as well stands in the thread already.

    Raises:
        OutsideCallFailed: GitHub or Slack cannot be reached now; the job is to be tried again.
    """
    incident = await program.incidents.get(incident_id)
    findings = await program.incidents.findings(incident_id, number)
    if findings is None:
        return
    fix = await program.incidents.suggestion(incident_id, number)
    if fix is None:
        github = program.outside.github
        fix = await suggest(program.analyst.panel, github, findings, incident=incident_id, run=number)
        for attempt in fix.attempts:
            await LLM_REQUESTS.add(program.store, attempt.provider, attempt.model, attempt.outcome)
        await program.incidents.save_suggestion(fix)
    log.info("fix_suggested", incident=incident_id, run=number, status=fix.status, reason=fix.reason)
    before = await program.incidents.suggestion(incident_id, number - 1)
    if fix.status != "none" and not (before and before.says_the_same_as(fix)):
        message = program.renderer.render("suggested_fix", incident=incident, fix=fix)
        await reply(program, incident, f"{incident_id}:fix:{number}", message)


async def suggest(
    panel: Panel, github: GitHub | None, findings: Findings, *, incident: str, run: int
) -> SuggestedFix:
    """What a model would change, within what the analysis left of its budget.

    Raises:
        OutsideCallFailed: GitHub cannot be reached now.
    """
    nothing = SuggestedFix(incident=incident, run=run, status="none", base_sha=findings.code.head_sha)
    assessment = findings.assessment
    left = panel.budget - (assessment.seconds if assessment else 0.0)
    why = why_not(findings) or (None if left >= LEAST_SECONDS else "the analysis left no time for it")
    if why or github is None or assessment is None or assessment.analysis is None:
        return nothing.model_copy(update={"reason": why or "no GitHub credentials"})
    try:
        originals = await _originals(github, findings)
    except OutsideCallFailed as failure:
        if failure.kind in _NOT_NOW:
            raise
        return nothing.model_copy(update={"reason": str(failure)})
    vault = Vault()
    texts = {path: original.text for path, original in originals.items() if original.text is not None}
    told = await panel.ask(fix_question(findings, assessment.analysis, texts, vault), seconds=left)
    if told.result is None:
        return nothing.model_copy(update={"reason": told.words, "attempts": told.attempts})
    fix = judged(nothing, told.result, originals)
    # What is kept for people holds no secret; the exact diff follows from the edits.
    diff = redact(fix.diff, vault, emails=False, ips=False)
    return fix.model_copy(update={"attempts": told.attempts, "diff": diff})


def judged(fix: SuggestedFix, written: Written, originals: Mapping[str, Original]) -> SuggestedFix:
    """`fix` with what was written, checked. Of what must not even be read nothing is kept. Pure."""
    proposal = written.proposal
    known = {"provider": written.provider, "model": written.model, "prompt": written.prompt}
    if proposal.declined:
        return fix.model_copy(update={**known, "reason": proposal.declined})
    told = {"edits": proposal.edits, "why": proposal.why, "cannot_know": proposal.cannot_know}
    try:
        patch = patched(proposal.edits, originals, originals.keys())
    except NotAllowed as refusal:
        shown = told if refusal.showable else {}
        return fix.model_copy(update={**known, **shown, "status": "invalid", "reason": str(refusal)})
    return fix.model_copy(
        update={**known, **told, "status": "valid", "diff": patch.diff, "checked": patch.checked}
    )


async def _originals(github: GitHub, findings: Findings) -> dict[str, Original]:
    """The files that may be changed, at the incident's SHA."""
    name, sha = findings.code.repository or "", findings.code.head_sha or ""
    repository = github.repository(name, Deadline.after(READ_SECONDS))
    entries = await repository.entries(tuple((sha, path) for path in changeable(findings)))
    return {
        path: Original(text=entry.file.text if entry.exact else None, mode=entry.file.mode)
        for (_, path), entry in entries.items()
    }
