"""A person's question about an incident, and what was answered."""

from __future__ import annotations

from typing import Literal

from investigator.models.analysis import Attempt, Claim
from investigator.models.base import Document


class Answered(Document):
    """What became of a question.

    `answered`: `statements`, each resting on evidence. `unknown`: the evidence does not tell, `missing` says
    what one would have to know. `unavailable`: no model answered, `words` say why, and `statements` are the
    pieces of evidence that share words with the question.
    """

    question: str
    by: str  # Slack user id
    status: Literal["answered", "unknown", "unavailable"]
    statements: tuple[Claim, ...] = ()
    missing: str = ""
    words: str = ""
    model: str = ""
    prompt: str = ""  # name and version
    withheld: int = 0  # statements that named what is not in the evidence
    attempts: tuple[Attempt, ...] = ()
