"""From findings to an assessment: redact, ask, check. It never raises for what a provider does."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence

from investigator.analysis.answer import read_answer, schema
from investigator.analysis.chain import Question
from investigator.analysis.evidence_ids import Piece, fit, number
from investigator.analysis.grounding import Grounded, ground
from investigator.analysis.panel import Panel
from investigator.analysis.prompting import Prompt, analysis_prompt, new_marker
from investigator.analysis.providers import Model
from investigator.analysis.view import NO_EVIDENCE, NO_PROVIDER
from investigator.models.analysis import Analysis, Assessment, Claim
from investigator.models.incident import Findings
from investigator.quality.calibration import NOTHING_GRADED, Calibration
from investigator.redaction import PERSONAL, Vault, redact_document
from investigator.verdict import band

MOST_SURE, MOST_SURE_SMALL = 0.95, 0.5
MAX_TOKENS = 4_000  # of an answer, thinking included


async def as_said() -> Calibration:
    return NOTHING_GRADED


class Analyst:
    """Has the models of `panel` explain incidents; `calibration` is asked each time how sure to be shown."""

    def __init__(self, panel: Panel, calibration: Callable[[], Awaitable[Calibration]] = as_said) -> None:
        self.panel = panel
        self._calibration = calibration

    @property
    def configured(self) -> bool:
        return self.panel.configured

    async def assess(self, findings: Findings) -> Assessment:
        """An analysis, or why there is none, within the budget."""
        if not self.configured:
            return NO_PROVIDER
        started, vault = time.monotonic(), Vault()
        pieces = number(redact_document(findings, vault, "all"))
        if not pieces:
            return NO_EVIDENCE
        calibration = await self._calibration()
        left = self.panel.budget - (time.monotonic() - started)
        told = await self.panel.ask(_question(pieces, vault, calibration), seconds=left)
        return Assessment(
            analysis=told.result,
            reason=told.reason,
            words=told.words,
            attempts=told.attempts,
            seconds=round(time.monotonic() - started, 3),
        )


def _question(pieces: Sequence[Piece], vault: Vault, calibration: Calibration) -> Question[Analysis]:
    version = ""

    def prompt(limit: int) -> Prompt:
        nonlocal version
        made = analysis_prompt(
            fit(pieces, limit), marker=new_marker(), schema=schema(), max_tokens=MAX_TOKENS
        )
        version = made.version
        return made

    def accept(model: Model, text: str) -> Analysis:
        answer = read_answer(text)
        analysis = _analysis(ground(answer, pieces), answer.confidence, model, version, vault)
        return _calibrated(analysis, model, calibration)

    return Question(prompt, accept)


def _calibrated(analysis: Analysis, model: Model, calibration: Calibration) -> Analysis:
    """The caps hold whatever the curve says."""
    curve = calibration.curve(model.name)
    if curve is None or analysis.said is None:
        return analysis
    sure = min(round(curve.at(analysis.said), 3), _most_sure(model))
    return analysis.model_copy(update={"confidence": sure, "band": band(sure), "calibrated_on": curve.n})


def _most_sure(model: Model) -> float:
    return MOST_SURE_SMALL if model.small else MOST_SURE


def _analysis(grounded: Grounded, confidence: float, model: Model, version: str, vault: Vault) -> Analysis:
    def shown(text: str) -> str:
        return vault.restore(text, PERSONAL)

    def claim(one: Claim) -> Claim:
        return one.model_copy(update={"text": shown(one.text)})

    sure = min(confidence, _most_sure(model))
    suspect = grounded.suspect
    return Analysis(
        hypothesis=claim(grounded.hypothesis),
        mechanism=tuple(map(claim, grounded.mechanism)),
        suspect=suspect.shas[0] if suspect else None,
        suspect_id=suspect.id if suspect else None,
        confidence=sure,
        said=confidence,
        band=band(sure),
        blast_radius=claim(grounded.blast_radius) if grounded.blast_radius else None,
        checks=tuple(map(shown, grounded.checks)),
        disproof=tuple(map(shown, grounded.disproof)),
        provider=model.name[0],
        model=model.name[1],
        prompt=version,
        withheld=grounded.withheld,
    )
