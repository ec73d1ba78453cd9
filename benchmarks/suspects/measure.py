"""Rank the suspects of generated crashes on evidence read straight from git: quick, for tuning.

What is written to results/ comes from `evaluated`, by the way of `pilot investigate`.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.suspects import git_evidence
from benchmarks.suspects.cases import Case, generate
from benchmarks.suspects.git_evidence import FULL, POOR, Reach
from benchmarks.suspects.write import line
from benchmarks.tables import Table, milliseconds
from bot.eval_command import rows
from investigator.evaluation.baselines import BlamedLine, deepest_frame, newest_blame
from investigator.evaluation.suspect_cases import SuspectCase
from investigator.evaluation.suspect_figures import Verdict, figures, verdict
from investigator.models.evidence import CodeEvidence
from investigator.suspects import rank

REACHES = {"patches of 60 commits": FULL, "files of the trace and 3 patches": POOR}
HALVES = {False: "tuned on", True: "held out"}


def tables(*, rounds: int) -> list[Table]:
    """Both halves of the cases, each with much and with little known of the history."""
    with tempfile.TemporaryDirectory() as folder:
        cases = list(generate(Path(folder), rounds=rounds))
        return [
            _table(f"{half}, {what}", [case for case in cases if case.held_out == held_out], reach)
            for held_out, half in HALVES.items()
            for what, reach in REACHES.items()
        ]


def _table(title: str, cases: Sequence[Case], reach: Reach) -> Table:
    verdicts = [judge(case, reach) for case in cases]
    slowest = milliseconds(max((one.seconds for one in verdicts), default=0.0))
    found = [*rows(figures(verdicts)), ("slowest ranking", f"{slowest} ms")]
    return Table(title.capitalize(), ("figure", "value"), found)


def judge(case: Case, reach: Reach) -> Verdict:
    code = git_evidence.read(case.repository, case.base, case.head, case.event, reach)
    started = time.process_time()
    ranking = rank(case.event, code, first_seen=case.event.occurred_at)
    elapsed = time.process_time() - started
    asked = SuspectCase.model_validate(line(case))
    blamed = {rule: asked.truth.names(sha) for rule, sha in _blamed_by_rules(case, code).items()}
    return verdict(asked, ranking).model_copy(update={"blamed": blamed, "seconds": elapsed})


def _blamed_by_rules(case: Case, code: CodeEvidence) -> dict[str, str | None]:
    blamed = _blamed_lines(code)
    seen = case.event.occurred_at
    return {
        "newest commit": code.commits[0].sha if code.commits else None,
        "newest blame among in-app frames (Sentry)": newest_blame(blamed, seen) if seen else None,
        "blame of the deepest in-app frame": deepest_frame(blamed),
    }


def _blamed_lines(code: CodeEvidence) -> list[BlamedLine]:
    return [
        BlamedLine(sha=one.sha, committed_at=one.committed_at)
        for frame in code.frames
        for one in code.blame
        if one.path == frame.path and one.committed_at and one.start <= (frame.frame.line or 0) <= one.end
    ]
