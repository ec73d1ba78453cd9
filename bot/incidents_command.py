"""`pilot incidents`: what is and was the matter, from the store."""

from __future__ import annotations

import json

from redis.exceptions import RedisError
from rich.console import Console
from rich.table import Table

from investigator import store
from investigator.embedded_store import STORE_ADDRESS
from investigator.errors import ConfigurationError, StoreUnavailable
from investigator.incidents import Incidents
from investigator.models.incident import Incident
from investigator.settings import Settings


async def listed(settings: Settings, *, as_json: bool) -> str:
    """The newest incidents as a table, or as JSON.

    Raises:
        ConfigurationError: no store is named, and none runs here.
        StoreUnavailable: the store does not answer.
    """
    async with store.connect(store_address(settings)) as connection:
        try:
            found = await Incidents(connection).recent()
        except (RedisError, OSError) as error:
            raise StoreUnavailable(f"the store does not answer: {error}; is `pilot up` running?") from None
    if as_json:
        return json.dumps([_summary(incident) for incident in found], indent=2)
    return _table(found)


def store_address(settings: Settings) -> store.Address:
    """The store of the settings, else the one that `pilot up` runs here.

    Raises:
        ConfigurationError: neither is there.
    """
    if settings.names_store:
        return store.address_of(settings)
    address = settings.pilot_data_dir / STORE_ADDRESS
    if not address.exists():
        raise ConfigurationError(
            f"no store: set REDIS_URL or REDIS_SENTINELS, or start `pilot up` (no {address} here)"
        )
    return address.read_text().strip()


def _summary(incident: Incident) -> dict[str, object]:
    summary = incident.model_dump(mode="json", exclude={"event", "issue"})
    return summary | {"verdict": incident.run.verdict if incident.run else None}


def _table(incidents: list[Incident]) -> str:
    table = Table("incident", "opened (UTC)", "status", "service", "events", "error", "verdict")
    for incident in incidents:
        without = "being investigated" if incident.run else "over before we heard of it"
        table.add_row(
            f"#{incident.id}",
            f"{incident.opened_at:%Y-%m-%d %H:%M}",
            f"part of #{incident.merged_into}" if incident.merged_into else incident.status,
            incident.service,
            str(incident.events),
            incident.title,
            (incident.run and incident.run.verdict) or without,
        )
    console = Console()
    with console.capture() as capture:
        console.print(table if incidents else "No incidents yet.")
    return capture.get().rstrip()
