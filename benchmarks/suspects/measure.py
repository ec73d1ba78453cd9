"""Rank the suspects of generated crashes, beside simpler rules."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.suspects import baselines, figures, git_evidence
from benchmarks.suspects.cases import Case, generate
from benchmarks.suspects.git_evidence import FULL, POOR, Reach
from benchmarks.tables import Table
from investigator.suspects import rank

REACHES = {"patches of 60 commits": FULL, "files of the trace and 3 patches": POOR}
HALVES = {False: "tuned on", True: "held out"}


async def measure() -> list[Table]:
    return tables(rounds=2)


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
    rows = figures.rows([judge(case, reach) for case in cases])
    return Table(title.capitalize(), ("figure", "value"), rows)


def judge(case: Case, reach: Reach) -> figures.Outcome:
    code = git_evidence.read(case.repository, case.base, case.head, case.event, reach)
    seen = case.event.occurred_at
    started = time.process_time()
    ranking = rank(case.event, code, first_seen=seen)
    elapsed = time.process_time() - started
    named = {
        "newest commit": baselines.newest_commit(code),
        "newest blame of the trace (Sentry's rule)": baselines.newest_blame(code, seen) if seen else None,
        "blame of the crashing line": baselines.deepest_frame(code),
    }
    blamed = {rule: sha in case.truth for rule, sha in named.items()}
    return figures.outcome(case.id, case.truth, ranking, milliseconds=1000 * elapsed, blamed=blamed)
