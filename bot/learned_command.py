"""`pilot catalog learned`: who seems to depend on whom beside the catalogue, and how that is known."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.incidents_command import store_address
from investigator import store
from investigator.cascade.confirmed import confirmed_edges
from investigator.cascade.graph import graph_of
from investigator.cascade.words import learned_from
from investigator.catalog import catalog_of
from investigator.errors import PilotError
from investigator.lessons import board_of, forget_edge
from investigator.models.cascade import LearnedEdge
from investigator.settings import Settings


async def learned(settings: Settings, *, as_json: bool) -> str:
    """Edges as a table, or as JSON; the newest first.

    Raises:
        ConfigurationError: no store is named, and none runs here, or the catalogue is wrong.
        StoreUnavailable: the store does not answer.
    """
    graph = graph_of(catalog_of(settings))
    async with store.connect(store_address(settings)) as connection:
        with store.as_unavailable():
            board = await board_of(connection)
    edges = [
        edge
        for edge in (*board.edges, *confirmed_edges(board, graph))
        if edge.callee not in graph.depends_on.get(edge.caller, frozenset())
    ]
    edges.sort(key=lambda edge: edge.last_at, reverse=True)
    if as_json:
        return json.dumps([edge.model_dump(mode="json") for edge in edges], indent=2)
    return _table(edges) if edges else "Nothing was learned beside the catalogue yet."


async def forgotten(settings: Settings, caller: str, callee: str | None) -> str:
    """Forget what was learned of a caller, or its dependency on one callee.

    Raises:
        PilotError: nothing like it was learned, or the store does not answer.
    """
    async with store.connect(store_address(settings)) as connection:
        with store.as_unavailable():
            gone = await forget_edge(connection, caller, callee)
    if not gone:
        what = f"{caller} depends on {callee}" if callee else f"{caller} depends on anything"
        raise PilotError(f"it was not learned that {what}: see `pilot catalog learned`")
    return f"Forgot {gone} of what was learned. What errors and traces show will be learned again."


def _table(edges: Sequence[LearnedEdge]) -> str:
    table = Table("service", "depends on", "known from", "times", "last (UTC)")
    for edge in edges:
        row = (
            edge.caller,
            edge.callee,
            learned_from(edge),
            str(edge.seen),
            f"{edge.last_at:%Y-%m-%d %H:%M}",
        )
        table.add_row(*map(escape, row))
    console = Console()
    with console.capture() as capture:
        console.print(table)
    return capture.get().rstrip()
