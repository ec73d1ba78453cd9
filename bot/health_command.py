"""`pilot health`: how the bot itself is doing, from the store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from rich.console import Console
from rich.markup import escape

from bot.incidents_command import store_address
from investigator import store
from investigator.composition import observer_of
from investigator.health.rules import findings
from investigator.health.snapshot import Snapshot
from investigator.health.words import Told, tell_all
from investigator.settings import Settings

_MARKS = {"critical": "[bold red]critical[/]", "warning": "[yellow]warning[/]"}


@dataclass(frozen=True, slots=True)
class Judged:
    """`well`: nothing critical is the matter. `text` is for standard output."""

    well: bool
    text: str


async def judged(settings: Settings, *, as_json: bool) -> Judged:
    """What is the matter, in words or as JSON; that the store is away is an answer too.

    Raises:
        ConfigurationError: no store is named, and none runs here.
    """
    async with store.connect(store_address(settings)) as connection:
        snapshot = await observer_of(settings, connection).snapshot()
    told = tell_all(findings(snapshot))
    well = not any(each.severity == "critical" for each in told)
    return Judged(well, _json(snapshot, told, well) if as_json else _words(told))


def _json(snapshot: Snapshot, told: Sequence[Told], well: bool) -> str:
    document = {
        "ok": well,
        "at": datetime.fromtimestamp(snapshot.at, UTC).isoformat(),
        "findings": [each.model_dump() for each in told],
        "store": asdict(snapshot.store),
        "flow": asdict(snapshot.flow) if snapshot.flow else None,
    }
    return json.dumps(document, indent=2)


def _words(told: Sequence[Told]) -> str:
    console = Console()
    with console.capture() as capture:
        if not told:
            console.print("[green]All is well.[/]")
        for each in told:
            console.print(f"{_MARKS[each.severity]} {escape(each.what)}")
            console.print(f"  → {escape(each.remedy)} [dim]({each.anchor})[/]")
    return capture.get().rstrip()
