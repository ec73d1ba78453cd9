"""A person's question to a model, and what of its answer is believed. Pure."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator

from investigator.analysis.answer import AnsweredClaim, Strict, Text, first, read_as
from investigator.analysis.chain import Question
from investigator.analysis.evidence_ids import Piece, fit
from investigator.analysis.failures import ProviderFailed
from investigator.analysis.grounding import Evidence
from investigator.analysis.prompting import Prompt, new_marker, question_prompt
from investigator.analysis.providers import Model
from investigator.models.analysis import Claim
from investigator.models.question import Answered
from investigator.redaction import PERSONAL, Vault, redact
from investigator.slack_text import clean

QUESTION_LIMIT = 500
MAX_TOKENS = 1_500
STATEMENTS = 5


class QuestionAnswer(Strict):
    answered: bool
    statements: Annotated[list[AnsweredClaim], BeforeValidator(first(STATEMENTS))]
    missing: Text


@functools.cache
def schema() -> dict[str, Any]:
    """JSON Schema of an answer, within what both vendors' strict modes accept."""
    return QuestionAnswer.model_json_schema()


def asked(question: str, by: str, pieces: Sequence[Piece], vault: Vault) -> Question[Answered]:
    """`question` about `pieces`, which are redacted with `vault`; it is treated as they are."""
    evidence = Evidence(pieces)
    let_out = redact(clean(question), vault)
    version = ""

    def prompt(limit: int) -> Prompt:
        nonlocal version
        made = question_prompt(
            fit(pieces, limit), let_out, marker=new_marker(), schema=schema(), max_tokens=MAX_TOKENS
        )
        version = made.version
        return made

    def accept(model: Model, text: str) -> Answered:
        answer = read_as(QuestionAnswer, text)
        claims = [claim for claim in answer.statements if claim.text] if answer.answered else []
        sound = [claim for claim in claims if evidence.bears(claim)]
        if claims and not sound:
            raise ProviderFailed("ungrounded", "nothing it says is in the evidence")
        missing = "" if sound or evidence.invented_in(answer.missing) else answer.missing
        statements = (Claim(text=vault.restore(c.text, PERSONAL), evidence=tuple(c.evidence)) for c in sound)
        return Answered(
            question=question,
            by=by,
            status="answered" if sound else "unknown",
            statements=tuple(statements),
            missing=vault.restore(missing, PERSONAL),
            model=model.name[1],
            prompt=version,
            withheld=len(claims) - len(sound),
        )

    return Question(prompt, accept)
