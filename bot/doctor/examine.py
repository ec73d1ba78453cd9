"""All areas side by side, each with a limit of its own: what hangs hides nothing that others found."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

import aiohttp
from pydantic import SecretStr

from bot.doctor.catalogue import catalogue
from bot.doctor.check import Area, Check, Subject, failed
from bot.doctor.code_mappings import code_mappings
from bot.doctor.github import github
from bot.doctor.host import host
from bot.doctor.models import models
from bot.doctor.outside import outside
from bot.doctor.sentry import sentry
from bot.doctor.slack import slack
from bot.doctor.store import store
from investigator.analysis.providers import preload
from investigator.redaction import Vault, redact
from investigator.settings import Settings

AREA_SECONDS = 15.0
AREAS: Mapping[str, Area] = {
    "Slack": slack,
    "Sentry": sentry,
    "GitHub": github,
    "code mappings": code_mappings,
    "models": models,
    "store": store,
    "this machine": host,
    "outside": outside,
}
_SHORTEST_SECRET = 6


async def examine(settings: Settings, *, seconds: float = AREA_SECONDS) -> tuple[Check, ...]:
    """Everything that could be looked at in so many seconds; nothing in it repeats a secret."""
    preload(settings)  # SDKs take seconds, of which no check is to blame another
    catalog, first = catalogue(settings)
    async with aiohttp.ClientSession() as session:
        subject = Subject(settings, catalog, session)
        found = await asyncio.gather(
            *(_collect(name, area, subject, seconds) for name, area in AREAS.items())
        )
    checks = [first.model_copy(update={"area": "catalogue"}), *(check for area in found for check in area)]
    return tuple(without_secrets(checks, settings))


async def _collect(name: str, area: Area, subject: Subject, seconds: float) -> list[Check]:
    checks: list[Check] = []
    try:
        async with asyncio.timeout(seconds):
            async for check in area(subject):
                checks.append(check)
    except TimeoutError:
        what = f"not all could be looked at in {seconds:g} s"
        checks.append(failed("time", what, "see what answers slowly, or not at all, and try again"))
    except Exception as error:  # noqa: BLE001 - a fault in one area is told, and hides no other
        what = f"the check itself failed: {type(error).__name__}: {error}"
        checks.append(failed("check", what, "please report it; the other areas were looked at"))
    return [check.model_copy(update={"area": name}) for check in checks]


def without_secrets(checks: Iterable[Check], settings: Settings) -> list[Check]:
    """Others' answers are quoted in checks, and a careless one may quote us."""
    secrets = _secrets(settings)

    def hidden(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, "…")
        return redact(text, Vault(), emails=False, ips=False)

    return [
        check.model_copy(update={name: hidden(getattr(check, name)) for name in ("name", "what", "remedy")})
        for check in checks
    ]


def _secrets(settings: Settings) -> list[str]:
    found: list[str] = []
    for _, value in settings:
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, SecretStr) and len(each.get_secret_value()) >= _SHORTEST_SECRET:
                found += [part.strip() for part in each.get_secret_value().split(",")]
    return [secret for secret in found if len(secret) >= _SHORTEST_SECRET]
