"""What a language model concluded from the evidence, and what it took to ask."""

from __future__ import annotations

from investigator.models.base import Value
from investigator.models.report import Band


class Claim(Value):
    """A statement and the ids of the evidence it rests on, as `C1`, `F2` (see `analysis.evidence_ids`)."""

    text: str
    evidence: tuple[str, ...]


class Analysis(Value):
    """An analysis whose every claim was checked against the evidence.

    `suspect` is the SHA of the commit it supports, None: no code cause. `confidence` is between 0 and 1,
    capped and calibrated on `calibrated_on` graded incidents (0: not); `said` is what the model itself said.
    `withheld` counts the claims that were dropped because they cited what is not in the evidence.
    """

    hypothesis: Claim
    mechanism: tuple[Claim, ...] = ()
    suspect: str | None = None
    suspect_id: str | None = None
    confidence: float
    said: float | None = None
    calibrated_on: int = 0
    band: Band
    blast_radius: Claim | None = None
    checks: tuple[str, ...] = ()
    disproof: tuple[str, ...] = ()
    provider: str
    model: str
    prompt: str  # name and version
    withheld: int = 0

    @property
    def cited(self) -> tuple[str, ...]:
        """Every evidence id that what is shown rests on, each once, in the order of first mention."""
        claims = (self.hypothesis, *self.mechanism, *filter(None, (self.blast_radius,)))
        ids = [name for claim in claims for name in claim.evidence]
        return tuple(dict.fromkeys([*filter(None, (self.suspect_id,)), *ids]))


class Attempt(Value):
    """One request to one model. `outcome` is `ok` or the kind of failure; `dollars` None: no price known."""

    provider: str
    model: str
    outcome: str
    seconds: float
    tokens_in: int = 0
    tokens_out: int = 0
    dollars: float | None = None
    retry_after: float | None = None


class Assessment(Value):
    """How asking for an analysis went: there is one, or `reason` (a label) and `words` say why not.

    `late` is true when it was made after the investigation, because no provider could be reached then.
    """

    analysis: Analysis | None = None
    reason: str = ""
    words: str = ""
    attempts: tuple[Attempt, ...] = ()
    seconds: float = 0.0
    late: bool = False

    @property
    def dollars(self) -> float | None:
        """What was spent, as far as the prices are known."""
        known = [attempt.dollars for attempt in self.attempts if attempt.dollars is not None]
        return sum(known) if known else None

    @property
    def tokens(self) -> tuple[int, int]:
        """In and out."""
        return sum(a.tokens_in for a in self.attempts), sum(a.tokens_out for a in self.attempts)
