"""`python -m benchmarks.suspects.evaluated [--repos DIR] [--rounds N]`: suspects by `pilot investigate`.

Generated cases, some without a culprit, and the real ones whose clones are in DIR, each of these tried again
with the culprit before the range. Writes results/suspects.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.suspects.write import write
from benchmarks.tables import Table
from benchmarks.tables import write as write_tables
from bot.eval_command import rows
from bot.eval_suspects import Places, evaluate
from investigator.evaluation.suspect_cases import NEGATIVE, SuspectCase
from investigator.evaluation.suspect_figures import Verdict, figures, split
from investigator.settings import Settings

REAL = Path(__file__).parents[1] / "cases" / "real.jsonl"
WHAT = "Suspect commits"
WIDE = "~wide"


def tables(repos: Path | None, *, rounds: int, jobs: int) -> list[Table]:
    with tempfile.TemporaryDirectory() as folder:
        file = write(Path(folder), rounds=rounds)
        generated = _about("generated", file, file.parent, jobs, negatives=False)
    real = [*_about("real", REAL, repos, jobs, negatives=True), *_wide(repos, jobs)] if repos else []
    return real + generated


def _about(what: str, file: Path, repos: Path, jobs: int, *, negatives: bool) -> list[Table]:
    """Tables of one file of cases, whose `group` says whether the ranking was tuned on them."""
    lines = _lines(file)
    verdicts = _run(lines, Places(file.parent, repos), jobs, negatives=negatives)
    of = {each["id"]: each for each in lines}
    groups = sorted({each["group"] for each in lines})
    sets = {
        f"{what}, {group}": [one for one in verdicts if of[one.id.removesuffix(NEGATIVE)]["group"] == group]
        for group in groups
    }
    places = _parts(
        f"{what}, by repository", verdicts, lambda one: str(of[one.id.removesuffix(NEGATIVE)]["repo"])
    )
    return [
        _whole(what, sets),
        *(_calibration(name, found) for name, found in sets.items()),
        _parts(f"{what}, by kind", verdicts, lambda one: one.kind),
        *([places] if negatives else [_parts(f"{what}, by language", verdicts, lambda one: one.language)]),
        _misses(what, verdicts),
    ]


def _wide(repos: Path, jobs: int) -> list[Table]:
    """The cases of which the file says from which commit on there are 200 under suspicion."""
    lines = [
        {**each, "id": each["id"] + WIDE, "base": each["wide_base"]}
        for each in _lines(REAL)
        if "wide_base" in each
    ]
    verdicts = _run(lines, Places(REAL.parent, repos), jobs, negatives=False)
    return [_whole("real, 200 commits:", {"real, tuned on": verdicts})]


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def _run(lines: Sequence[dict[str, Any]], places: Places, jobs: int, *, negatives: bool) -> list[Verdict]:
    cases = [SuspectCase.model_validate(each) for each in lines]

    def tell(verdict: Verdict) -> None:
        told = f"\n{verdict.id}: {verdict.note}\n" if verdict.status == "error" else "."
        print(told, end="", flush=True)

    verdicts = evaluate(Settings(_env_file=None), cases, places, jobs=jobs, negatives=negatives, done=tell)
    found = asyncio.run(verdicts)
    print()
    return found


def _whole(what: str, sets: dict[str, list[Verdict]]) -> Table:
    columns = {name: dict(rows(figures(verdicts))) for name, verdicts in sets.items()}
    names = list(dict.fromkeys(name for column in columns.values() for name in column))
    counts = [["cases with a culprit / without / not run", *map(_count, sets.values())]]
    body = [[name, *(column.get(name, "–") for column in columns.values())] for name in names]
    return Table(f"{what} crashes".capitalize(), ["figure", *sets], counts + body)


def _count(verdicts: Iterable[Verdict]) -> str:
    ran = [one for one in verdicts if one.status == "ok"]
    guilty = sum(one.guilty for one in ran)
    missed = sum(one.status != "ok" for one in verdicts)
    return f"{guilty} / {len(ran) - guilty} / {missed}"


def _calibration(name: str, verdicts: Sequence[Verdict]) -> Table:
    body = [
        [f"{bucket.low:.1f}–{bucket.high:.1f}", f"{bucket.mean_forecast:.2f}", bucket.came_true]
        for bucket in figures(verdicts).reliability
    ]
    return Table(f"Calibration of all listed scores, {name}", ["score", "mean score", "was guilty"], body)


def _parts(title: str, verdicts: Sequence[Verdict], by: Callable[[Verdict], str]) -> Table:
    rules = figures(verdicts).baselines
    body = [
        [name, part.top_1, part.top_5, part.recall, *(part.baselines.get(rule, "–") for rule in rules)]
        for name, part in split(verdicts, by).items()
    ]
    return Table(title.capitalize(), ["", "top-1", "top-5", "no code cause: recall", *rules], body)


def _misses(what: str, verdicts: Sequence[Verdict]) -> Table:
    body = [
        [one.id, one.kind, one.rank_of_truth or "not listed", f"{one.top[0].score:.2f}" if one.top else "–"]
        for one in verdicts
        if one.status == "ok" and one.guilty and one.rank_of_truth != 1
    ]
    return Table(
        f"{what} crashes whose culprit did not come first".capitalize(),
        ["case", "kind", "place of the culprit", "score of the first"],
        body,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repos", type=Path, help="where the clones of the real cases are")
    parser.add_argument("--rounds", type=int, default=1, help="generated cases for each kind and language")
    parser.add_argument("--jobs", type=int, default=2, help="cases at a time")
    asked = parser.parse_args()
    found = tables(asked.repos, rounds=asked.rounds, jobs=asked.jobs)
    print(write_tables("suspects", WHAT, found, by="`python -m benchmarks.suspects.evaluated`"))


if __name__ == "__main__":
    main()
