"""`pilot eval cascades`: recorded streams whose incidents and roots are known, through `pilot replay`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.replay_command import replay_file
from investigator.catalog import Catalog, load_catalog
from investigator.errors import BadPayload, ConfigurationError, PilotError
from investigator.evaluation.cascade_cases import CascadeCase, read_cascade_case
from investigator.evaluation.cascade_figures import (
    CascadeFigures,
    CascadeVerdict,
    Found,
    cascade_figures,
    judge,
)
from investigator.replay import Replay, read_recorded
from investigator.sentry.parse import parse_headline
from investigator.settings import Settings


def cascades(settings: Settings, path: Path, *, limit: int | None, as_json: bool) -> str:
    """Evaluate, telling of progress on standard error.

    Raises:
        ConfigurationError: the file cannot be read, or no line of it is a case.
    """
    cases, wrong = _read(path, limit)
    console = Console(stderr=True)
    verdicts: list[CascadeVerdict] = []
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("streams", total=len(cases))
        for case in cases:
            verdict = evaluate(settings, case, path.resolve().parent)
            verdicts.append(verdict)
            progress.update(task, advance=1, description=case.id)
            if not console.is_terminal:
                click.echo(_line(verdict), err=True)
    if as_json:
        return json.dumps(document(verdicts, wrong), indent=2)
    return _table(verdicts, wrong)


def evaluate(settings: Settings, case: CascadeCase, folder: Path) -> CascadeVerdict:
    """Replay one stream with its catalogue and compare what came of it with the truth."""
    deliveries = folder / case.deliveries
    if not deliveries.is_file():
        return CascadeVerdict(id=case.id, status="skipped", note=f"{case.deliveries} is not there")
    try:
        replay = replay_file(deliveries, _catalog(settings, case, folder))
    except PilotError as error:
        return CascadeVerdict(id=case.id, status="error", note=str(error))
    truth = case.truth
    return judge(
        case.id, truth.issues, truth.roots, began(deliveries), found(replay), services=replay.services
    )


def _catalog(settings: Settings, case: CascadeCase, folder: Path) -> Catalog:
    path = folder / case.catalog if case.catalog else None
    return load_catalog(path, default_channel=settings.pilot_channel, cycles="kept")


def found(replay: Replay) -> list[Found]:
    return [
        Found(
            id=incident.id,
            opened_at=incident.opened_at,
            issues=incident.issues,
            ranking=incident.root_ranking,
            investigations=incident.investigations,
        )
        for incident in replay.incidents()
    ]


def began(deliveries: Path) -> Mapping[str, datetime]:
    """Issue → when the first delivery about it was received; lines that are none are passed over."""
    first: dict[str, datetime] = {}
    with deliveries.open("rb") as recording:
        for line in recording:
            try:
                delivery = read_recorded(line)
                issue = parse_headline(delivery.body).issue_id
            except BadPayload:
                continue  # `replay_file` has named the line
            if issue:
                first[issue] = min(first.get(issue, delivery.received_at), delivery.received_at)
    return first


def _read(path: Path, limit: int | None) -> tuple[list[CascadeCase], list[str]]:
    """The cases, and the lines that are none, which are named on standard error as well."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}; name a file of cases") from None
    cases: list[CascadeCase] = []
    wrong: list[str] = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or (limit is not None and len(cases) >= limit):
            continue
        try:
            cases.append(read_cascade_case(line, [case.id for case in cases]))
        except BadPayload as error:
            wrong.append(f"line {number}: {error}")
            click.echo(f"pilot: {path}:{number}: {error}", err=True)
    if not cases:
        raise ConfigurationError(
            f"{path}: no line is a case: write one JSON object a line with id, deliveries, catalog and truth"
        )
    return cases, wrong


def document(verdicts: Sequence[CascadeVerdict], wrong: Sequence[str]) -> dict[str, Any]:
    """The JSON of `pilot eval cascades --json`."""
    return {
        "cases": [verdict.model_dump(mode="json") for verdict in verdicts],
        "counts": {**_counts(verdicts), "wrong lines": len(wrong)},
        "wrong_lines": list(wrong),
        "figures": cascade_figures(verdicts).model_dump(mode="json"),
    }


def _counts(verdicts: Sequence[CascadeVerdict]) -> dict[str, int]:
    statuses = ("ok", "skipped", "error")
    return {status: sum(verdict.status == status for verdict in verdicts) for status in statuses}


def _line(verdict: CascadeVerdict) -> str:
    if verdict.f1 is None:
        return f"{verdict.id}: {verdict.status}: {verdict.note}"
    rooted = [each for each in verdict.incidents if each.root is not None]
    right = sum(each.rank == 1 for each in rooted)
    return f"{verdict.id}: F1 {verdict.f1:.2f}, {right} of {len(rooted)} roots"


def _table(verdicts: Sequence[CascadeVerdict], wrong: Sequence[str]) -> str:
    whole = cascade_figures(verdicts)
    table = Table("figure", "value (95 % interval)", title=f"Cascades of {whole.streams} streams")
    for name, value in rows(whole):
        table.add_row(name, value)
    console = Console(width=100)
    with console.capture() as capture:
        console.print(table)
    counts = {**_counts(verdicts), "wrong lines": len(wrong)}
    return f"{capture.get()}\n{', '.join(f'{number} {what}' for what, number in counts.items() if number)}"


def rows(whole: CascadeFigures) -> list[tuple[str, str]]:
    """(figure, value) in words."""
    return [
        ("pairwise F1", str(whole.f1)),
        ("adjusted Rand index", str(whole.adjusted_rand)),
        ("streams in which incidents were mixed", str(whole.mixed)),
        ("pairs of incidents made one", str(whole.over_merged)),
        ("root, top-1", str(whole.top_1)),
        ("root, top-3", str(whole.top_3)),
        ("root of several issues, top-1", str(whole.cascade_top_1)),
        ("root of several issues, top-3", str(whole.cascade_top_3)),
        ("root that sent no alert itself, top-1", str(whole.silent_top_1)),
        ("root that sent no alert itself, top-3", str(whole.silent_top_3)),
        ("Brier score of the root's probability", _number(whole.brier, 3)),
        ("its log loss", _number(whole.log_loss, 3)),
        ("investigations per true incident", _number(whole.investigations_per_incident)),
        ("seconds from first delivery to incident", _number(whole.seconds_to_group)),
    ]


def _number(value: float | None, digits: int = 2) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
