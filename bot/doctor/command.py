"""`pilot doctor`: the checks as a table for people, or as one JSON document."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.doctor.check import Check
from bot.doctor.examine import AREA_SECONDS, examine
from investigator.settings import Settings

_MARKS = {
    "ok": "[green]ok[/]",
    "warning": "[yellow]warning[/]",
    "failed": "[bold red]failed[/]",
    "skipped": "[dim]skipped[/]",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """`text` is for standard output."""

    ok: bool
    text: str


def examined(settings: Settings, *, as_json: bool, seconds: float = AREA_SECONDS) -> Verdict:
    """Look at everything; takes a little more than `seconds` at most.

    A thread that hangs, as in a resolver that does not answer, is left behind: `asyncio.run` would wait.
    """
    loop = asyncio.new_event_loop()
    try:
        checks = loop.run_until_complete(examine(settings, seconds=seconds))
    finally:
        loop.close()
    well = not any(check.status == "failed" for check in checks)
    return Verdict(well, _json(checks, well) if as_json else _table(checks))


def leave(code: int) -> NoReturn:
    """End the process now, also while a thread hangs: Python would wait for that one as well."""
    sys.stdout.flush()
    if threading.active_count() > 1:
        os._exit(code)
    sys.exit(code)


def _json(checks: Sequence[Check], well: bool) -> str:
    return json.dumps({"ok": well, "checks": [check.model_dump() for check in checks]}, indent=2)


def _table(checks: Sequence[Check]) -> str:
    table = Table("area", "check", "", "what was found, and what to do")
    area = ""
    for check in checks:
        told = escape(check.what) + (f"\n[dim]→[/] {escape(check.remedy)}" if check.remedy else "")
        shown = "" if check.area == area else escape(check.area)
        table.add_row(shown, escape(check.name), _MARKS[check.status], told, end_section=False)
        area = check.area
    console = Console()
    with console.capture() as capture:
        console.print(table)
    return capture.get().rstrip()
