"""An assessment as the report shows it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from investigator.analysis.evidence_ids import Piece, number
from investigator.models.analysis import Assessment, Claim
from investigator.models.incident import Findings
from investigator.models.report import AnalysisView, Cited, ClaimView

NO_PROVIDER = Assessment(reason="no_provider", words="no provider configured")
NO_EVIDENCE = Assessment(reason="no_evidence", words="there is no evidence to analyse")
PENDING = Assessment(reason="pending", words="it is being made")
DISABLED = Assessment(reason="disabled", words="it was not asked for")

_SETTLED = frozenset({NO_PROVIDER.reason, NO_EVIDENCE.reason, PENDING.reason, DISABLED.reason})

Status = Literal["ok", "unavailable", "disabled"]


def ai_status(assessment: Assessment | None) -> tuple[Status, str]:
    """How it went, and the note that says so under the report."""
    assessment = assessment or NO_PROVIDER
    if assessment.analysis:
        late = ", made late: no model could be reached before" if assessment.late else ""
        return "ok", f"AI analysis below, by {assessment.analysis.model}{late}"
    if assessment.reason == DISABLED.reason:
        return "disabled", "AI analysis disabled"
    if assessment.reason == PENDING.reason:
        return "unavailable", "AI analysis follows"
    return "unavailable", f"AI analysis unavailable: {assessment.words}"


def may_try_again(assessment: Assessment | None) -> bool:
    """Is there no analysis although models were asked, or would have been on another day?"""
    return assessment is not None and bool(assessment.reason) and assessment.reason not in _SETTLED


def analysis_view(findings: Findings, blamed: str | None) -> AnalysisView | None:
    """The analysis with its evidence named and linked; None when there is none.

    Args:
        blamed: SHA of the commit that the report itself names.
    """
    assessment = findings.assessment
    if assessment is None or assessment.analysis is None:
        return None
    analysis = assessment.analysis
    pieces = {piece.id: piece for piece in number(findings)}

    def claim(one: Claim) -> ClaimView:
        return claim_view(one, pieces)

    suspect = pieces.get(analysis.suspect_id or "")
    return AnalysisView(
        hypothesis=claim(analysis.hypothesis),
        mechanism=tuple(map(claim, analysis.mechanism)),
        suspect=_cited(suspect) if suspect else None,
        agrees=blamed is None or blamed == analysis.suspect,
        confidence=analysis.confidence,
        calibrated_on=analysis.calibrated_on,
        band=analysis.band,
        blast_radius=claim(analysis.blast_radius) if analysis.blast_radius else None,
        checks=analysis.checks,
        disproof=analysis.disproof,
        model=analysis.model,
        cost=_cost(assessment),
        withheld=analysis.withheld,
        late=assessment.late,
    )


def claim_view(claim: Claim, pieces: Mapping[str, Piece]) -> ClaimView:
    """A claim with the pieces it cites, by their ids, named and linked."""
    cited = tuple(_cited(pieces[name]) for name in claim.evidence if name in pieces)
    return ClaimView(text=claim.text, cited=cited)


def _cited(piece: Piece) -> Cited:
    return Cited(id=piece.id, label=piece.label, url=piece.url)


def _cost(assessment: Assessment) -> str:
    tokens, dollars = sum(assessment.tokens), assessment.dollars
    return f"{tokens:,} tokens" + ("" if dollars is None else f", ${dollars:.4f}")
