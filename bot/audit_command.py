"""`pilot audit`: who did what through the bot."""

from __future__ import annotations

import json

from redis.exceptions import RedisError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.incidents_command import store_address
from investigator import store
from investigator.audit import AuditEntry, entries
from investigator.errors import StoreUnavailable
from investigator.settings import Settings


async def audited(settings: Settings, *, newest: int, as_json: bool) -> str:
    """The newest entries as a table, or as JSON.

    Raises:
        ConfigurationError: no store is named, and none runs here.
        StoreUnavailable: the store does not answer.
    """
    async with store.connect(store_address(settings)) as connection:
        try:
            found = await entries(connection, newest=newest)
        except (RedisError, OSError) as error:
            raise StoreUnavailable(f"the store does not answer: {error}; is `pilot up` running?") from None
    if as_json:
        return json.dumps([entry.model_dump(mode="json") for entry in found], indent=2)
    return _table(found) if found else "Nobody has done anything that is audited yet."


def _table(found: list[AuditEntry]) -> str:
    table = Table("when (UTC)", "who", "what", "incident", "result", "detail")
    for entry in found:
        row = (
            f"{entry.when:%Y-%m-%d %H:%M:%S}",
            entry.who,
            entry.what,
            f"#{entry.incident}",
            entry.result,
            entry.detail,
        )
        table.add_row(*map(escape, row))
    console = Console()
    with console.capture() as capture:
        console.print(table)
    return capture.get().rstrip()
