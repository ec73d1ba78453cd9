"""`pilot eval`: decisions measured on cases whose truth is known."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.eval_suspects import Places, evaluate
from investigator.errors import BadPayload, ConfigurationError
from investigator.evaluation.suspect_cases import SuspectCase, read_case
from investigator.evaluation.suspect_figures import Figures, Verdict, figures, split
from investigator.settings import Settings


@dataclass(frozen=True, slots=True)
class Asked:
    """Options of `pilot eval suspects`; `limit` None: all cases."""

    cases: Path
    repos: Path | None = None
    limit: int | None = None
    jobs: int = 2
    negatives: bool = False


def suspects(settings: Settings, asked: Asked, *, as_json: bool) -> str:
    """Evaluate, telling of progress on standard error.

    Raises:
        ConfigurationError: the file cannot be read, or no line of it is a case.
    """
    cases, wrong = _read(asked)
    folder = asked.cases.resolve().parent
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("cases", total=len(cases))

        def tell(verdict: Verdict) -> None:
            progress.update(task, advance=1, description=verdict.id)
            if not console.is_terminal:
                click.echo(_line(verdict), err=True)

        verdicts = asyncio.run(
            evaluate(
                settings,
                cases,
                Places(events=folder, repos=asked.repos or folder),
                jobs=asked.jobs,
                negatives=asked.negatives,
                done=tell,
            )
        )
    if as_json:
        return json.dumps(document(verdicts, wrong), indent=2)
    return _tables(verdicts, wrong)


def _read(asked: Asked) -> tuple[list[SuspectCase], list[str]]:
    """The cases, and the lines that are none, which are named on standard error as well."""
    try:
        lines = asked.cases.read_bytes().split(b"\n")
    except OSError as error:
        raise ConfigurationError(
            f"{asked.cases}: cannot be read: {error.strerror}; name a file of cases"
        ) from None
    cases: list[SuspectCase] = []
    wrong: list[str] = []
    seen: set[str] = set()
    for number, line in enumerate(lines, 1):
        if not line.strip() or (asked.limit is not None and len(cases) >= asked.limit):
            continue
        try:
            case = read_case(line, seen)
        except BadPayload as error:
            wrong.append(f"line {number}: {error}")
            click.echo(f"pilot: {asked.cases}:{number}: {error}", err=True)
            continue
        seen.add(case.id)
        cases.append(case)
    if not cases:
        raise ConfigurationError(
            f"{asked.cases}: no line is a case: write one JSON object a line with id, event, repo, base, "
            "head and truth"
        )
    return cases, wrong


def document(verdicts: Sequence[Verdict], wrong: Sequence[str]) -> dict[str, Any]:
    """The JSON of `pilot eval suspects --json`."""
    whole = figures(verdicts)
    return {
        "cases": [_case(verdict) for verdict in verdicts],
        "counts": {**_counts(verdicts), "wrong lines": len(wrong)},
        "wrong_lines": list(wrong),
        "figures": {
            **whole.model_dump(mode="json", exclude={"baselines"}),
            "by_language": _parts(split(verdicts, lambda verdict: verdict.language)),
            "by_kind": _parts(split(verdicts, lambda verdict: verdict.kind)),
        },
        "baselines": {rule: share.model_dump() for rule, share in whole.baselines.items()},
    }


def _case(verdict: Verdict) -> dict[str, Any]:
    fields = verdict.model_dump(mode="json", exclude={"top", "blamed"})
    top = [{"sha": one.sha, "score": one.score} for one in verdict.top]
    return {**fields, "top": top, "baselines": verdict.blamed}


def _parts(parts: dict[str, Figures]) -> dict[str, Any]:
    return {name: part.model_dump(mode="json", exclude={"reliability"}) for name, part in parts.items()}


def _counts(verdicts: Sequence[Verdict]) -> dict[str, int]:
    statuses = ("ok", "skipped", "error")
    return {status: sum(verdict.status == status for verdict in verdicts) for status in statuses}


def _line(verdict: Verdict) -> str:
    if verdict.status != "ok":
        return f"{verdict.id}: {verdict.status}: {verdict.note}"
    if verdict.guilty:
        place = verdict.rank_of_truth
        found = f"culprit at place {place}" if place else "culprit not listed"
        return f"{verdict.id}: {found}{', but called no code cause' if verdict.no_code_cause else ''}"
    return f"{verdict.id}: {'rightly no code cause' if verdict.no_code_cause else 'an innocent was blamed'}"


def _tables(verdicts: Sequence[Verdict], wrong: Sequence[str]) -> str:
    console = Console(width=100)
    with console.capture() as capture:
        console.print(_figures_table(figures(verdicts)))
        for what, by in (("language", _language), ("kind", _kind)):
            console.print(_split_table(what, split(verdicts, by)))
    counts = {**_counts(verdicts), "wrong lines": len(wrong)}
    return f"{capture.get()}\n{', '.join(f'{number} {what}' for what, number in counts.items() if number)}"


def _language(verdict: Verdict) -> str:
    return verdict.language


def _kind(verdict: Verdict) -> str:
    return verdict.kind


def _figures_table(whole: Figures) -> Table:
    table = Table("figure", "value (95 % interval)", title=f"Suspects of {whole.cases} cases")
    for name, value in rows(whole):
        table.add_row(name, value)
    return table


def rows(whole: Figures) -> list[tuple[str, str]]:
    """(figure, value) in words."""
    return [
        ("top-1", str(whole.top_1)),
        ("top-3", str(whole.top_3)),
        ("top-5", str(whole.top_5)),
        ("mean reciprocal rank", _number(whole.mrr)),
        ("first suspect right, where one was put forward", str(whole.named)),
        ("no code cause: precision", str(whole.precision)),
        ("no code cause: recall", str(whole.recall)),
        ("Brier score", _number(whole.brier)),
        ("cases with evidence missing", str(whole.incomplete)),
        *((f"baseline, top-1: {rule}", str(share)) for rule, share in whole.baselines.items()),
    ]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _split_table(what: str, parts: dict[str, Figures]) -> Table:
    table = Table(what, "cases", "top-1", "top-5", "no code cause: recall")
    for name, part in parts.items():
        table.add_row(name, str(part.cases), str(part.top_1), str(part.top_5), str(part.recall))
    return table
