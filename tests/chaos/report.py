"""The ledger as a table, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.chaos.program import Processes
from tests.chaos.verdict import State, investigated


def print_report(
    ledger: Mapping[str, Any], state: State, processes: Processes, broken: Sequence[str], seed: int
) -> None:
    console = Console(width=110)
    acknowledged = ledger["acknowledged"]
    table = Table("ledger", "count", title="What was promised and what became of it")
    lost = set(acknowledged) - investigated(state)
    rows: list[tuple[str, object]] = [
        ("webhooks sent", ledger["sent"]),
        ("acknowledged (200)", sum(acknowledged.values())),
        *((f"  by {web.split('/')[2]}", count) for web, count in sorted(ledger["by_web"].items())),
        ("refused for now (503), then tried at the other web", ledger["answers"].get("503", 0)),
        ("web was dead (no connection), then tried at the other web", ledger["no_connection"]),
        ("taken by neither web, never acknowledged", ledger["given_up"]),
        ("issues acknowledged", len(acknowledged)),
        ("acknowledged − investigated", len(lost)),
        ("incidents", len(state.incidents)),
        ("investigations", sum(len(incident.runs) for incident in state.incidents)),
        ("parent messages in Slack", sum(n for key, n in state.keys.items() if key.endswith(":parent"))),
        ("answer: median / p99 / slowest, ms", _milliseconds(ledger)),
        ("processes that died and were started again", sum(role.deaths for role in processes.roles)),
    ]
    for name, value in rows:
        table.add_row(name, str(value))
    console.print(table)
    for promise in broken:
        console.print(f"BROKEN: {promise}", style="bold red")
    console.print(f"seed {seed}: {'broken' if broken else 'every promise held'}")


def _milliseconds(ledger: Mapping[str, Any]) -> str:
    return " / ".join(f"{ledger[name] * 1000:.0f}" for name in ("median", "p99", "slowest"))
