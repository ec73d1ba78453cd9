"""Commands about the catalogue and the configuration."""

from __future__ import annotations

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


@click.group()
def config() -> None:
    """About the configuration."""


@config.command()
def schema() -> None:
    """Print the JSON Schema of pilot.yml."""
    from investigator.catalog import CatalogFile

    click.echo(json.dumps(CatalogFile.model_json_schema(), indent=2))
