"""The one line that says what broke, which commit most likely did it, and how sure that is. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from investigator.models.evidence import CodeEvidence, Gap, Ranking
from investigator.models.report import Band, Place, SuspectView, Verdict
from investigator.wording import clip, one_line, percent

TITLE_LIMIT = 70
NAME_LIMIT = 60
FAILING_LIMIT = 120


def band(probability: float) -> Band:
    """The word for a probability. It never says more than the number does."""
    if probability >= 0.7:
        return "most likely"
    return "probably" if probability >= 0.4 else "possibly"


def decide(
    code: CodeEvidence,
    ranking: Ranking,
    suspects: Sequence[SuspectView],
    gaps: Sequence[Gap],
    *,
    failing: str,
    upstream: str | None,
) -> Verdict:
    """The verdict.

    Args:
        suspects: those of `ranking`, best first.
        failing: what broke, see `what_fails`.
        upstream: another system that the error names.
    """
    if suspects and not ranking.no_code_cause:
        return _suspect(suspects[0], failing)
    named = f"; the error names {upstream}" if upstream else ""
    if code.commits or suspects:
        return Verdict(
            kind="no_code_cause",
            line=f"{failing}; no commit in this window explains it{named}",
            probability=ranking.unexplained,
            reasons=ranking.doubts,
        )
    gap = _why_not_looked_at(gaps, range_known=code.head_sha is not None)
    if gap is None and code.head_sha is not None:
        return Verdict(kind="no_commits", line=f"{failing}; no commit was shipped in this window{named}")
    why = f"{one_line(gap.why)}: " if gap else ""
    return Verdict(kind="not_looked_at", line=f"{failing}; {why}commits were not looked at{named}", gap=gap)


def _why_not_looked_at(gaps: Sequence[Gap], *, range_known: bool) -> Gap | None:
    """The gap that kept commits from being read. With a known range only one that speaks of commits did."""
    of_code = [gap for gap in gaps if gap.source != "sentry"]
    about_commits = [gap for gap in of_code if "commit" in gap.what]
    return next(iter(about_commits or ([] if range_known else of_code)), None)


def _suspect(first: SuspectView, failing: str) -> Verdict:
    by = f" by {clip(one_line(first.author.label), NAME_LIMIT)}" if first.author else ""
    title = clip(one_line(first.title), TITLE_LIMIT)
    likelihood = f"{first.band} since {first.name} “{title}”{by}"
    return Verdict(
        kind="suspect",
        line=f"{failing}, {likelihood} ({percent(first.probability)} sure)",
        band=first.band,
        probability=first.probability,
    )


def what_fails(where: Place | None, headline: str) -> str:
    """`unit_price (services/checkout/pricing.py:88) fails`, else the error itself."""
    if where is None or not where.words:
        return clip(one_line(headline), FAILING_LIMIT)
    place = f"{where.function} ({where.position})" if where.function and where.position else where.words
    return f"{clip(place, FAILING_LIMIT)} fails"
