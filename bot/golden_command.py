"""`pilot freeze` and `pilot eval golden`: incidents whose truth is known, judged again."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from bot.incidents_command import store_address
from investigator import store
from investigator.composition import analyst_of
from investigator.errors import ConfigurationError, PilotError
from investigator.evaluation.golden import (
    NO_CODE_CAUSE,
    GoldenCase,
    GoldenFigures,
    GoldenVerdict,
    by_model,
    figures,
    freeze,
    judge,
)
from investigator.incidents import Incidents
from investigator.settings import Settings

_SHA = re.compile(r"[0-9a-f]{7,40}")


async def frozen(settings: Settings, named: str, *, truth: str, note: str) -> str:
    """The incident's newest findings as a golden case, as JSON.

    Raises:
        ConfigurationError: `truth` is neither a SHA nor `none`.
        PilotError: there is no such incident, or its findings are gone.
    """
    if truth != NO_CODE_CAUSE and not _SHA.fullmatch(truth):
        raise ConfigurationError(f"--truth {truth}: give the SHA of the commit that did it, or `none`")
    async with store.connect(store_address(settings)) as connection:
        with store.as_unavailable():
            incidents = Incidents(connection)
            incident = await incidents.get(named.lstrip("#"))
            done = [run.number for run in incident.runs if run.state == "done"]
            findings = await incidents.findings(incident.id, done[-1]) if done else None
    if findings is None:
        raise PilotError(f"what was found out about #{incident.id} is no longer kept: `rerun` it first")
    return freeze(incident, findings, truth=truth, note=note).model_dump_json(indent=2)


async def golden(settings: Settings, files: tuple[Path, ...], *, no_ai: bool, as_json: bool) -> str:
    """Judge every case again and compare with its truth.

    Raises:
        ConfigurationError: a file is no case, or there is none.
    """
    cases = [_read(file) for named in files for file in _files(named)]
    if not cases:
        raise ConfigurationError("no cases: name files that `pilot freeze` wrote, or folders of them")
    analyst = None if no_ai else analyst_of(settings)
    if analyst and not analyst.configured:
        click.echo("pilot: no provider configured: only the ranking is judged", err=True)
        analyst = None
    verdicts = []
    for case in cases:
        verdicts.append(await judge(case, analyst))
        click.echo(f"{case.id}: {_in_words(verdicts[-1])}", err=True)
    return _document(verdicts) if as_json else _table(verdicts)


def _files(named: Path) -> list[Path]:
    return sorted(named.glob("*.json")) if named.is_dir() else [named]


def _read(file: Path) -> GoldenCase:
    try:
        return GoldenCase.model_validate_json(file.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ConfigurationError(f"{file}: no golden case: {where}: {first['msg']}") from None


def _in_words(one: GoldenVerdict) -> str:
    ranked = "right" if one.ranked_right else f"wrong ({(one.ranked or NO_CODE_CAUSE)[:7]})"
    if not one.answered:
        return f"ranking {ranked}, no analysis{f': {one.unavailable}' if one.unavailable else ''}"
    blamed = "right" if one.blamed_right else f"wrong ({(one.blamed or NO_CODE_CAUSE)[:7]})"
    return f"ranking {ranked}, analysis {blamed}, {one.confidence:.0%} sure"


def _document(verdicts: list[GoldenVerdict]) -> str:
    return json.dumps(
        {
            "all": figures(verdicts).model_dump(),
            "by_model": {name: each.model_dump() for name, each in by_model(verdicts).items()},
            "cases": [one.model_dump() for one in verdicts],
        },
        indent=2,
    )


def _table(verdicts: list[GoldenVerdict]) -> str:
    table = Table("model and prompt", "cases", "ranking right", "answered", "analysis right", "Brier", "$")
    for name, each in {"all": figures(verdicts), **by_model(verdicts)}.items():
        table.add_row(name, *_cells(each))
    console = Console(width=140)
    with console.capture() as capture:
        console.print(table)
    return capture.get().rstrip()


def _cells(each: GoldenFigures) -> list[str]:
    return [
        str(each.cases),
        str(each.ranking_right),
        str(each.answered),
        str(each.right),
        "–" if each.brier is None else f"{each.brier:.2f}",
        "–" if each.dollars is None else f"{each.dollars:.3f}",
    ]
