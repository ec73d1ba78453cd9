"""`pilot erase`: forget what was said about an incident."""

from __future__ import annotations

from bot.incidents_command import store_address
from investigator import retention, store
from investigator.confirmation import confirm
from investigator.durability import parse_durability
from investigator.settings import Settings


async def erased(settings: Settings, incidents: tuple[str, ...]) -> str:
    """Erase every incident named, `#42` or `42`; says what is left where.

    Raises:
        UnknownIncident: one of them does not exist; those before it are erased.
        StoreUnavailable: the store is away, or a replica did not confirm.
    """
    connection = store.connect(store_address(settings))
    try:
        with store.as_unavailable():
            for named in incidents:
                await retention.erase(connection, named.lstrip("#"))
            await confirm(connection, parse_durability(settings.pilot_durability))
    finally:
        await connection.aclose()
    names = ", ".join(f"#{named.lstrip('#')}" for named in incidents)
    return f"Erased what was known of {names}. Its messages are Slack's: delete the thread there."
