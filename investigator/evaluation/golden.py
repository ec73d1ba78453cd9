"""Incidents frozen with their truth, to be judged again by other code, another model or another prompt.

A frozen incident holds what was found out, redacted, and none of what was concluded from it: both the ranking
and the analysis are made anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from investigator.analysis.analyst import Analyst
from investigator.evaluation.shares import Share, mean, share
from investigator.models.base import Document, Value
from investigator.models.evidence import Ranking
from investigator.models.incident import Findings, Incident
from investigator.redaction import Vault, redact_document
from investigator.suspects import rank

NO_CODE_CAUSE = "none"


class GoldenCase(Document):
    """`truth` is the SHA of the commit that did it, or `none`; `note` says how that is known."""

    id: str
    service: str
    first_seen: datetime
    truth: str
    note: str = ""
    findings: Findings


class GoldenVerdict(Value):
    """What was concluded this time. `ranked` and `blamed` are SHAs; None: no code cause.

    `answered`: there was an analysis; `unavailable` is a label that says why not.
    """

    id: str
    truth: str
    ranked: str | None
    ranked_right: bool
    answered: bool = False
    unavailable: str = ""
    blamed: str | None = None
    blamed_right: bool = False
    confidence: float | None = None
    model: str = ""
    prompt: str = ""
    withheld: int = 0
    seconds: float = 0.0
    dollars: float | None = None


class GoldenFigures(Value):
    """Of one model and prompt; `brier` is of the analyses' confidence."""

    cases: int
    ranking_right: Share
    answered: Share
    right: Share
    claims_withheld: int
    brier: float | None
    dollars: float | None


def freeze(incident: Incident, findings: Findings, *, truth: str, note: str) -> GoldenCase:
    """The incident without secrets, addresses and conclusions. Pure."""
    issue, event = findings.issue, findings.event
    began = (issue.first_seen if issue else None) or (event.occurred_at if event else None)
    bare = findings.model_copy(update={"assessment": None, "ranking": Ranking(), "timings": ()})
    return GoldenCase(
        id=incident.short_id or f"incident-{incident.id}",
        service=incident.service,
        first_seen=began or incident.opened_at,
        truth=truth,
        note=note,
        findings=redact_document(bare, Vault(), "all"),
    )


async def judge(case: GoldenCase, analyst: Analyst | None) -> GoldenVerdict:
    """Rank and, with an analyst, analyse the case as the present code does."""
    ranking = rank(case.findings.event, case.findings.code, first_seen=case.first_seen)
    first = ranking.suspects[0].commit.sha if ranking.suspects and not ranking.no_code_cause else None
    verdict = GoldenVerdict(
        id=case.id, truth=case.truth, ranked=first, ranked_right=_is_true(case.truth, first)
    )
    if analyst is None:
        return verdict
    told = await analyst.assess(case.findings.model_copy(update={"ranking": ranking}))
    spent = {"seconds": told.seconds, "dollars": told.dollars}
    if told.analysis is None:
        return verdict.model_copy(update={"unavailable": told.reason, **spent})
    found = told.analysis
    return verdict.model_copy(
        update={
            "answered": True,
            "blamed": found.suspect,
            "blamed_right": _is_true(case.truth, found.suspect),
            "confidence": found.confidence,
            "model": f"{found.provider}/{found.model}",
            "prompt": found.prompt,
            "withheld": found.withheld,
            **spent,
        }
    )


def figures(verdicts: Iterable[GoldenVerdict]) -> GoldenFigures:
    """Pure."""
    found = list(verdicts)
    answered = [one for one in found if one.answered]
    spent = [one.dollars for one in found if one.dollars is not None]
    errors = [(one.confidence - one.blamed_right) ** 2 for one in answered if one.confidence is not None]
    return GoldenFigures(
        cases=len(found),
        ranking_right=share(one.ranked_right for one in found),
        answered=share(one.answered for one in found),
        right=share(one.blamed_right for one in answered),
        claims_withheld=sum(one.withheld for one in answered),
        brier=mean(errors),
        dollars=sum(spent) if spent else None,
    )


def by_model(verdicts: Iterable[GoldenVerdict]) -> dict[str, GoldenFigures]:
    """By model and prompt version; those without an analysis under `none`. Pure."""
    groups: dict[str, list[GoldenVerdict]] = {}
    for one in verdicts:
        groups.setdefault(f"{one.model}, {one.prompt}" if one.answered else "none", []).append(one)
    return {name: figures(groups[name]) for name in sorted(groups)}


def _is_true(truth: str, said: str | None) -> bool:
    if truth == NO_CODE_CAUSE or said is None:
        return truth == NO_CODE_CAUSE and said is None
    return said.startswith(truth) or truth.startswith(said)
