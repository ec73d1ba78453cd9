"""The way out: can each address be reached from here, and is our clock theirs?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from bot.doctor.asking import Answer, NoAnswer, fetch
from bot.doctor.check import Check, Subject, failed, ok, warning
from investigator.settings import Settings

SKEW_NOTICED, SKEW_HARMFUL = 5.0, 60.0  # seconds; Slack's signatures are refused from 300 on
VENDORS = {"anthropic": "https://api.anthropic.com", "openai": "https://api.openai.com/v1"}


async def outside(subject: Subject) -> AsyncIterator[Check]:
    looks = [
        asyncio.create_task(_look(subject, name, url)) for name, url in addresses(subject.settings).items()
    ]
    for look in looks:
        for check in await look:
            yield check


def addresses(settings: Settings) -> Mapping[str, str]:
    """Whom the settings have us talk to, by name."""
    found = {"Slack": settings.slack_api_url, "Sentry": settings.sentry_url}
    if settings.github_token or settings.github_apps:
        found["GitHub"] = settings.github_api_url
    given = {"anthropic": settings.anthropic_base_url, "openai": settings.openai_base_url}
    for provider in filter(settings.has_provider, settings.ai_order):
        found[provider] = given[provider] or VENDORS[provider]
    if settings.pilot_pagerduty_key:
        found["PagerDuty"] = settings.pilot_pagerduty_url
    if settings.pilot_opsgenie_key:
        found["Opsgenie"] = settings.pilot_opsgenie_url
    for name, secret in (
        ("page webhook", settings.pilot_page_webhook),
        ("heartbeat", settings.pilot_heartbeat_url),
    ):
        if secret:
            found[name] = _root(secret.get_secret_value())
    return found


def _root(url: str) -> str:
    """Without its path, which is a secret, and whose being asked for would mean something."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"


async def _look(subject: Subject, name: str, url: str) -> list[Check]:
    before = time.time()
    try:
        answer = await fetch(subject.session, url)
    except NoAnswer as failure:
        return [failed(f"way to {name}", f"{urlsplit(url).netloc}: {failure}", failure.remedy)]
    reached = ok(
        f"way to {name}", f"{urlsplit(url).netloc} answers in {(time.time() - before) * 1000:.0f} ms"
    )
    skew = _skew(answer, (before + time.time()) / 2)
    return [reached] if skew is None else [reached, clock(name, skew)]


def _skew(answer: Answer, now: float) -> float | None:
    """How far our clock is ahead of theirs, in seconds; their header has whole ones."""
    try:
        return now - parsedate_to_datetime(answer.headers["Date"]).timestamp() - 0.5
    except (KeyError, ValueError):
        return None


def clock(name: str, skew: float) -> Check:
    """What a difference of so many seconds is worth. Pure."""
    title = f"clock against {name}"
    if abs(skew) <= SKEW_NOTICED:
        return ok(title, f"within {SKEW_NOTICED:.0f} s")
    what = f"{abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}"
    judged = failed if abs(skew) > SKEW_HARMFUL else warning
    return judged(
        title, what, "let the system's clock be set by NTP: signatures and the order of alerts need it"
    )
