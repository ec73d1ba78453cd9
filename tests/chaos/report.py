"""The ledger as a table, and the verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.chaos.program import Processes
from tests.chaos.verdict import State, investigated, looked_into, promised


def print_report(
    ledger: Mapping[str, Any], state: State, processes: Processes, broken: Sequence[str], seed: int
) -> None:
    console = Console(width=110)
    table = Table("ledger", "count", title="What was promised and what became of it")
    lost = promised(ledger) - investigated(state, ledger["resolved"])
    runs = Counter(map(looked_into, state.incidents))
    parents = Counter(state.keys[f"{each.id}:parent"] for each in state.incidents if looked_into(each))
    rows: list[tuple[str, object]] = [
        ("webhooks sent", ledger["sent"]),
        ("acknowledged (200)", ledger["answers"].get("200", 0)),
        *((f"  by {web.split('/')[2]}", count) for web, count in sorted(ledger["by_web"].items())),
        ("refused for now (503), then tried at the other web", ledger["answers"].get("503", 0)),
        ("web was dead (no connection), then tried at the other web", ledger["no_connection"]),
        ("taken by neither web, never acknowledged", ledger["given_up"]),
        ("episodes acknowledged", promised(ledger).total()),
        ("acknowledged − investigated", lost.total()),
        ("different events acknowledged", sum(ledger["events"].values())),
        ("incidents", len(state.incidents)),
        ("  of several episodes", sum(incident.is_cascade for incident in state.incidents)),
        ("  over, or part of another, before anybody looked", runs[0]),
        ("  investigated once; more often", f"{runs[1]}; {sum(n for times, n in runs.items() if times > 1)}"),
        ("  of these with one parent message; otherwise", f"{parents[1]}; {parents.total() - parents[1]}"),
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
