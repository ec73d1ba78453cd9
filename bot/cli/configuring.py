"""Commands about the catalogue and the configuration."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import click

from bot.cli.errors import one_line_errors


@click.group()
def catalog() -> None:
    """About the service catalogue."""


@catalog.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@one_line_errors
def catalog_import(files: tuple[Path, ...]) -> None:
    """Print a pilot.yml made of Backstage's catalog-info.yaml files; what is left out is told on stderr."""
    from bot.catalog_command import imported

    click.echo(imported(files))


@catalog.command("learned")
@click.option("--forget", metavar="SERVICE", help="Forget what was learned of this service.")
@click.option("--on", metavar="NODE", help="With --forget: only that it depends on this.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@one_line_errors
def catalog_learned(forget: str | None, on: str | None, as_json: bool) -> None:
    """Who seems to depend on whom beside the catalogue: from errors, traces and people's word on cascades."""
    from bot.learned_command import forgotten, learned
    from investigator.settings import load_settings

    settings = load_settings()
    done = forgotten(settings, forget, on) if forget else learned(settings, as_json=as_json)
    click.echo(asyncio.run(done))


@click.group()
def config() -> None:
    """About the configuration."""


@config.command()
def schema() -> None:
    """Print the JSON Schema of pilot.yml."""
    from investigator.catalog import CatalogFile

    click.echo(json.dumps(CatalogFile.model_json_schema(), indent=2))
