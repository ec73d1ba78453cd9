"""`pilot replay`: what last week's deliveries would become, with this catalogue."""

from __future__ import annotations

import asyncio
import gzip
import json
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from typing import IO

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Column, Table

from investigator.catalog import Catalog, catalog_of, load_catalog
from investigator.delivery import Delivery
from investigator.errors import BadPayload, ConfigurationError, PilotError
from investigator.replay import Replay, as_json, batches, read_recorded
from investigator.settings import Settings

PLAIN_EVERY = 20_000  # deliveries between two lines of progress where there is no terminal
NAMED_LINES = 20  # of those that hold no delivery; in a file of another kind all of them do
GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a delivery is in the file, and its receipt."""

    received_at: datetime
    offset: int


def replay_file(path: Path, catalog: Catalog) -> Replay:
    """Read a recording twice, first for the order of receipt, so that memory does not grow with bodies.

    Lines that hold no delivery are named on standard error. A recording may be packed by gzip, and a pipe.

    Raises:
        ConfigurationError: the file cannot be read.
        PilotError: no line of it could.
    """
    with _opened(path) as recording:
        replay = Replay(catalog)
        places = sorted(_places(recording, path, replay), key=lambda place: place.received_at)
        if not places and replay.deliveries:
            raise PilotError(
                f"{path}: no line is a recorded delivery: "
                'write one {"received_at": …, "headers": {…}, "body": {…}} a line'
            )
        asyncio.run(_take_all(recording, places, replay))
    return replay


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """The recording as it was before it was packed; one can go back in it."""
    with ExitStack() as files, tempfile.TemporaryFile() as copy:
        try:
            recording = _unpacked(files.enter_context(path.open("rb")), copy)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise ConfigurationError(f"{path}: is no whole gzip file: {error}; copy it again") from None
        except OSError as error:
            raise ConfigurationError(f"{path}: cannot be read: {error.strerror}; name a recording") from None
        yield recording


def _unpacked(recording: BufferedReader, copy: IO[bytes]) -> IO[bytes]:
    packed = recording.peek(len(GZIP)).startswith(GZIP)
    if recording.seekable() and not packed:
        return recording
    shutil.copyfileobj(gzip.GzipFile(fileobj=recording) if packed else recording, copy)
    copy.seek(0)
    return copy


def _places(recording: IO[bytes], path: Path, replay: Replay) -> Iterator[Place]:
    offset = 0
    for number, line in enumerate(recording, 1):
        if line.strip():
            try:
                yield Place(read_recorded(line).received_at, offset)
            except BadPayload as error:
                replay.unreadable()
                if replay.deliveries <= NAMED_LINES:
                    click.echo(f"pilot: {path}:{number}: {error}", err=True)
        offset += len(line)
    if (more := replay.deliveries - NAMED_LINES) > 0:
        click.echo(f"pilot: {path}: {more} more lines hold no delivery", err=True)


async def _take_all(recording: IO[bytes], places: list[Place], replay: Replay) -> None:
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("deliveries", total=len(places))
        done = 0
        for batch in batches(places, lambda place: place.received_at):
            await replay.take([_read(recording, place) for place in batch])
            progress.advance(task, len(batch))
            before, done = done, done + len(batch)
            if not console.is_terminal and before // PLAIN_EVERY != done // PLAIN_EVERY:
                click.echo(f"{done} of {len(places)} deliveries", err=True)


def _read(recording: IO[bytes], place: Place) -> Delivery:
    recording.seek(place.offset)
    return read_recorded(recording.readline())


def replayed(settings: Settings, path: Path, catalog: Path | None, *, in_json: bool) -> str:
    """The incidents as a table, or as JSON.

    Raises:
        ConfigurationError: the recording or the catalogue cannot be read.
    """
    services = (
        load_catalog(catalog, default_channel=settings.pilot_channel) if catalog else catalog_of(settings)
    )
    replay = replay_file(path, services)
    return json.dumps(as_json(replay), indent=2) if in_json else _table(replay)


def _table(replay: Replay) -> str:
    names = ("incident", "opened (UTC)", "services", "issues", "root", "investigations", "deliveries")
    table = Table(*(Column(name, overflow="fold") for name in names))
    for incident in replay.incidents():
        table.add_row(
            f"#{incident.id}",
            f"{incident.opened_at:%Y-%m-%d %H:%M}",
            ", ".join(incident.services),
            ", ".join(incident.issues),
            f"{incident.root.service} ({incident.root.confidence:.0%})",
            str(incident.investigations),
            str(incident.deliveries),
        )
    console = Console(file=sys.stdout)
    with console.capture() as capture:
        console.print(table if table.row_count else "No incidents.")
        console.print(f"{replay.deliveries} deliveries; without effect:")
        for reason, count in replay.ignored.most_common():
            console.print(f"  {count:>6}  {reason}", markup=False)
    return capture.get().rstrip()
