"""`pilot catalog import`: a catalogue made of what Backstage knows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from investigator.backstage import import_catalog
from investigator.errors import ConfigurationError


def imported(paths: Sequence[Path]) -> str:
    """The text of a `pilot.yml`; what was left out is told on standard error.

    Raises:
        ConfigurationError: a file cannot be read, or what it says cannot be understood.
    """
    result = import_catalog([(str(path), _text(path)) for path in paths])
    for note in result.notes:
        click.echo(f"pilot: {note}", err=True)
    return result.text.rstrip("\n")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigurationError(f"{path}: cannot be read: {reason}; name catalog-info.yaml files") from None
