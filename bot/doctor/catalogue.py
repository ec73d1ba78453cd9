"""The catalogue: can it be read, and what does it say?"""

from __future__ import annotations

from bot.doctor.check import Check, failed, ok, skipped
from investigator.catalog import Catalog, catalog_of
from investigator.errors import ConfigurationError
from investigator.settings import Settings


def catalogue(settings: Settings) -> tuple[Catalog, Check]:
    """What the other checks go by; the empty one when it cannot be read."""
    try:
        catalog = catalog_of(settings)
    except ConfigurationError as problem:
        empty = Catalog(default_channel=settings.pilot_channel)
        return empty, failed("pilot.yml", str(problem), "correct it: nothing starts with it as it is")
    many = len(catalog.services)
    if not many:
        return catalog, skipped(
            "pilot.yml",
            f"names no service: each Sentry project is one, its incidents go to {catalog.default_channel}",
            "with it services have repositories, channels and dependencies (pilot.yml.example)",
        )
    return catalog, ok("pilot.yml", f"{many} service{'s' if many > 1 else ''}")
