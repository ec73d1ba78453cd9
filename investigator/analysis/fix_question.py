"""What is asked for a change of code, and what of the answer is believed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from investigator.analysis.chain import Question
from investigator.analysis.evidence_ids import Piece, Span, fit, number
from investigator.analysis.failures import ProviderFailed
from investigator.analysis.grounding import Evidence
from investigator.analysis.prompting import Prompt, fix_prompt, new_marker
from investigator.analysis.providers import Model
from investigator.analysis.search_replace import Proposal, read_proposal
from investigator.models.analysis import Analysis
from investigator.models.base import Value
from investigator.models.incident import Findings
from investigator.patching.paths import refused
from investigator.redaction import PERSONAL, Vault, redact, redact_document
from investigator.slack_text import clean

LEAST_SURE = 0.6  # of an analysis that is worth a change of code; small models never get there
MAX_TOKENS = 3_000
FILES = 4
FILE_CHARACTERS = 24_000
AROUND = 60  # lines kept around what matters, in a file that is too long to be shown whole


class Written(Value):
    """A proposal, and by which model and prompt."""

    proposal: Proposal
    provider: str
    model: str
    prompt: str


def why_not(findings: Findings) -> str | None:
    """Why no change of code is worth asking for; None when one is."""
    analysis = findings.assessment.analysis if findings.assessment else None
    if analysis is None:
        return "there is no analysis"
    if analysis.suspect is None:
        return "the analysis blames no code"
    if analysis.confidence < LEAST_SURE:
        return "the analysis is not sure enough"
    if not (findings.code.repository and findings.code.head_sha):
        return "it is not known which code was running"
    return None if changeable(findings) else "no file that may be changed is in the evidence"


def changeable(findings: Findings) -> tuple[str, ...]:
    """The files that a suggestion may touch: those of the stack, then those the blamed commit changed."""
    analysis = findings.assessment.analysis if findings.assessment else None
    blamed = [commit for commit in findings.code.commits if analysis and commit.sha == analysis.suspect]
    paths = [frame.path for frame in findings.code.frames if frame.path]
    paths += [file.path for commit in blamed for file in commit.files or () if file.status != "removed"]
    return tuple(path for path in dict.fromkeys(paths) if refused(path, {path}) is None)[:FILES]


def fix_question(
    findings: Findings, analysis: Analysis, files: Mapping[str, str], vault: Vault
) -> Question[Written]:
    """The question about these files (path → text)."""
    known = number(redact_document(findings, vault, "all"))
    spans = [span for piece in known for span in piece.spans]
    shown = [(path, redact(clean(excerpt(text, path, spans)), vault)) for path, text in files.items()]
    evidence = Evidence((*known, *(_as_piece(at, *file) for at, file in enumerate(shown, 1))))
    version = ""

    def prompt(limit: int) -> Prompt:
        nonlocal version
        room = max(limit - sum(len(text) for _, text in shown), limit // 4)
        hypothesis = redact(clean(analysis.hypothesis.text), vault)
        made = fix_prompt(fit(known, room), shown, hypothesis, marker=new_marker(), max_tokens=MAX_TOKENS)
        version = made.version
        return made

    def accept(model: Model, text: str) -> Written:
        proposal = read_proposal(text)
        if evidence.invented_in(proposal.why) or evidence.invented_in(proposal.declined):
            raise ProviderFailed("ungrounded", "its reason names what is not in the evidence")
        cannot_know = "" if evidence.invented_in(proposal.cannot_know) else proposal.cannot_know
        told = {
            "why": vault.restore(proposal.why, PERSONAL),
            "cannot_know": vault.restore(cannot_know, PERSONAL),
            "declined": vault.restore(proposal.declined, PERSONAL),
        }
        provider, name = model.name
        return Written(
            proposal=proposal.model_copy(update=told), provider=provider, model=name, prompt=version
        )

    return Question(prompt, accept)


def excerpt(text: str, path: str, spans: Sequence[Span]) -> str:
    """The whole file, or of a long one the lines around what the evidence shows of it."""
    if len(text) <= FILE_CHARACTERS:
        return text
    lines = text.split("\n")
    wanted = {
        at
        for where, first, last in spans
        if where == path
        for at in range(max(0, first - 1 - AROUND), min(len(lines), last + AROUND))
    }
    kept = sorted(wanted) or range(min(len(lines), 2 * AROUND))
    follows = set(kept)
    pieces = [("" if at - 1 in follows or not at else "[lines left out]\n") + lines[at] for at in kept]
    return "\n".join(pieces)[:FILE_CHARACTERS].rpartition("\n")[0]


def _as_piece(at: int, path: str, text: str) -> Piece:
    span = (path, 1, text.count("\n") + 1)
    return Piece(id=f"P{at}", weight=0, label=path, text=text, paths=(path,), spans=(span,))
