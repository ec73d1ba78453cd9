"""What is remembered of every run, and what was said or happened afterwards."""

from __future__ import annotations

from datetime import datetime

from investigator.models.base import Value


class Asked(Value):
    """One request to a model: `outcome` is `ok` or the kind of failure."""

    provider: str
    model: str
    outcome: str


class RunRecord(Value):
    """One run as it ended. Seconds and dollars are the analysis's; probabilities are between 0 and 1.

    `unavailable` is a label such as `timeout`; empty when there is an analysis. `claims` were shown,
    `withheld` were not because they cited what is not in the evidence. `confidence` was shown, `said` is what
    the model itself had said (None in old records: then they were the same). `suspect` is the SHA that our
    ranking named, `blamed` the one that the analysis did; None: no code cause.
    """

    incident: str
    run: int
    at: datetime
    service: str
    language: str = "unknown"
    unavailable: str = ""
    provider: str = ""
    model: str = ""
    prompt: str = ""
    asked: tuple[Asked, ...] = ()
    seconds: float = 0.0
    budget: float = 0.0
    claims: int = 0
    withheld: int = 0
    confidence: float | None = None
    said: float | None = None
    blamed: str | None = None
    suspect: str | None = None
    probability: float | None = None
    dollars: float | None = None
    late: bool = False

    @property
    def answered(self) -> bool:
        return bool(self.model) and not self.unavailable

    @property
    def as_said(self) -> float | None:
        """The confidence as the model said it, before caps and calibration."""
        return self.said if self.said is not None else self.confidence

    @property
    def fell_back(self) -> bool:
        """An answer came, but not from the first that was asked."""
        return self.answered and bool(self.asked) and self.asked[0].provider != self.provider


class Said(Value):
    """A person's judgement or an outcome. `kind`: thumbs, graded, fix_merged, root_corrected, …

    `value` is the judgement's, or what the outcome is about; `run` 0: the incident as a whole.
    """

    kind: str
    incident: str
    run: int = 0
    value: str = ""
    by: str = ""
    at: datetime


class Journal(Value):
    """Runs and what was said, oldest first."""

    runs: tuple[RunRecord, ...] = ()
    said: tuple[Said, ...] = ()
