"""Commands that measure decisions on cases whose truth is known, and that freeze new ones."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import click

from bot import logs
from bot.cli.errors import one_line_errors
from investigator.settings import load_settings


@click.group("eval")
def evaluate() -> None:
    """Measure decisions on cases whose truth is known."""


@evaluate.command()
@click.argument("cases", type=click.Path(path_type=Path))
@click.option(
    "--repos",
    type=click.Path(path_type=Path),
    help="Where the clones are; by default beside the file of cases.",
)
@click.option("--limit", type=click.IntRange(1), help="Only the first so many cases.")
@click.option("--jobs", type=click.IntRange(1, 64), default=2, show_default=True, help="Cases at a time.")
@click.option("--negatives", is_flag=True, help="Try each case again with the culprit before the range.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@one_line_errors
def suspects(as_json: bool, **options: Any) -> None:
    """Rank the suspects of crashes whose culprit is known: one case a line."""
    from bot.eval_command import Asked
    from bot.eval_command import suspects as evaluated

    logs.configure_logs("eval", level="error")
    click.echo(evaluated(load_settings(), Asked(**options), as_json=as_json))


@evaluate.command("cascades")
@click.argument("cases", type=click.Path(path_type=Path))
@click.option("--limit", type=click.IntRange(1), help="Only the first so many streams.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@one_line_errors
def cascades_eval(cases: Path, limit: int | None, as_json: bool) -> None:
    """Group recorded streams whose incidents and roots are known: one case a line."""
    from bot.eval_cascades import cascades

    logs.configure_logs("eval", level="error")
    click.echo(cascades(load_settings(), cases, limit=limit, as_json=as_json))


@evaluate.command("golden")
@click.argument("cases", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--no-ai", is_flag=True, help="Judge only the ranking.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@one_line_errors
def golden_cases(cases: tuple[Path, ...], no_ai: bool, as_json: bool) -> None:
    """Judge frozen incidents again, with the configured models and today's code."""
    from bot.golden_command import golden

    logs.configure_logs("eval", level="error")
    click.echo(asyncio.run(golden(load_settings(), cases, no_ai=no_ai, as_json=as_json)))


@click.command()
@click.argument("incident", metavar="#INCIDENT")
@click.option("--truth", required=True, help="The SHA of the commit that did it, or `none`.")
@click.option("--note", default="", help="How that is known.")
@one_line_errors
def freeze(incident: str, truth: str, note: str) -> None:
    """Print an incident with its truth, without secrets, as a case for `pilot eval golden`."""
    from bot.golden_command import frozen

    click.echo(asyncio.run(frozen(load_settings(), incident, truth=truth, note=note)))
