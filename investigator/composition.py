"""The composition root: the only place where settings become clients."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import aiohttp
import redis
import redis.asyncio

from investigator import store
from investigator.analysis.analyst import Analyst
from investigator.analysis.panel import Panel
from investigator.analysis.prices import parse_prices
from investigator.analysis.providers import models_of
from investigator.analysis.shared_state import SharedState
from investigator.canary.sender import CanarySender
from investigator.catalog import Catalog, catalog_of
from investigator.durability import Durability, parse_durability
from investigator.errors import ConfigurationError
from investigator.gathering import Outside
from investigator.github.client import connect as connect_github
from investigator.health.observer import Observer, expected_of
from investigator.health.snapshot import Place
from investigator.incidents import Incidents
from investigator.quality.calibrating import current_in_time
from investigator.queue import Jobs
from investigator.rendering import Renderer
from investigator.sentry.client import SentryClient
from investigator.settings import Settings
from investigator.slack import Slack
from investigator.slack_budget import SlackBudget, limits
from investigator.thread import Thread
from investigator.watchdog.heartbeat import Heartbeat
from investigator.watchdog.ops_channel import OpsChannel
from investigator.watchdog.opsgenie import Opsgenie
from investigator.watchdog.pager import Pager
from investigator.watchdog.pagerduty import PagerDuty
from investigator.watchdog.watch import Chore, Watch
from investigator.watchdog.webhook import PageWebhook

EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not bound to
SHARED_SECONDS = 1.0  # what is shared for speed is not worth a longer wait


@dataclass(frozen=True, slots=True)
class Program:
    """What jobs and listeners work with."""

    settings: Settings
    session: aiohttp.ClientSession
    catalog: Catalog
    durability: Durability
    store: redis.asyncio.Redis
    incidents: Incidents
    jobs: Jobs
    renderer: Renderer
    slack: Slack
    thread: Thread
    outside: Outside
    analyst: Analyst


def outside_of(
    settings: Settings, session: aiohttp.ClientSession, shared: redis.Redis | None = None
) -> Outside:
    """Clients of the outside; those that can share what they learn with other processes do so in `shared`.

    Raises:
        ConfigurationError: when a file the settings name is wrong.
    """
    sentry = None
    if settings.sentry_auth_token and settings.sentry_org:
        sentry = SentryClient(
            session, settings.sentry_url, settings.sentry_org, settings.sentry_auth_token.get_secret_value()
        )
    return Outside(sentry=sentry, github=connect_github(settings, shared))


def analyst_of(settings: Settings, connection: redis.asyncio.Redis | None = None) -> Analyst:
    """Whoever analyses; what it learns about providers it shares through `connection`."""
    panel = Panel(
        models_of(settings),
        SharedState(connection),
        budget=settings.pilot_ai_budget_seconds,
        prices=parse_prices(settings.pilot_ai_prices),
        ceiling=settings.pilot_ai_daily_dollars,
        hedge=settings.pilot_ai_hedge_seconds,
    )
    return Analyst(panel, partial(current_in_time, connection)) if connection else Analyst(panel)


def observer_of(
    settings: Settings,
    connection: redis.asyncio.Redis,
    look_here: Callable[[], Awaitable[Place]] | None = None,
) -> Observer:
    """Whoever looks how the bot itself is doing."""
    durability = parse_durability(settings.pilot_durability)
    return Observer(
        connection,
        durability,
        expected_of(settings, durability),
        models=[model.name for model in models_of(settings)],
        look_here=look_here,
    )


def watch_of(program: Program, observer: Observer, *, source: str, chores: Sequence[Chore] = ()) -> Watch:
    """Whoever pages when something is the matter with the bot itself; `source` names this process."""
    settings = program.settings
    address = settings.pilot_heartbeat_url
    return Watch(
        program.store,
        observer,
        _pagers(program, source),
        again_seconds=settings.pilot_page_again_minutes * 60,
        heartbeat=Heartbeat(program.session, address.get_secret_value()) if address else None,
        chores=(*chores, partial(program.slack.tally.add_to, program.store)),
    )


def canary_of(program: Program) -> CanarySender | None:
    """Whoever sends trial webhooks; None when the settings want none."""
    settings = program.settings
    if not settings.pilot_canary_seconds:
        return None
    here = "127.0.0.1" if settings.pilot_host in EVERYWHERE else settings.pilot_host
    return CanarySender(
        program.store,
        program.session,
        url=settings.pilot_canary_url or f"http://{here}:{settings.pilot_port}/sentry/webhook",
        secret=settings.sentry_client_secret[0].get_secret_value(),
        every=settings.pilot_canary_seconds,
    )


def _pagers(program: Program, source: str) -> tuple[Pager, ...]:
    settings, session, pagers = program.settings, program.session, list[Pager]()
    if key := settings.pilot_pagerduty_key:
        pagers.append(PagerDuty(session, settings.pilot_pagerduty_url, key.get_secret_value(), source))
    if key := settings.pilot_opsgenie_key:
        pagers.append(Opsgenie(session, settings.pilot_opsgenie_url, key.get_secret_value(), source))
    if url := settings.pilot_page_webhook:
        secret = settings.pilot_page_webhook_secret
        signing = secret.get_secret_value() if secret else None
        pagers.append(PageWebhook(session, url.get_secret_value(), signing, source))
    if channel := settings.pilot_ops_channel:
        again = settings.pilot_page_again_minutes * 60
        pagers.append(OpsChannel(program.slack, program.renderer, channel, source, again_seconds=again))
    return tuple(pagers)


def slack_of(settings: Settings, session: aiohttp.ClientSession, connection: redis.asyncio.Redis) -> Slack:
    """Raises: ConfigurationError when there is no token."""
    if settings.slack_bot_token is None:
        raise ConfigurationError("SLACK_BOT_TOKEN is not set: see .env.example")
    rates = limits(settings.pilot_slack_posts_per_minute, settings.pilot_slack_edits_per_minute)
    token = settings.slack_bot_token.get_secret_value()
    return Slack(token, settings.slack_api_url, session, SlackBudget(connection, rates))


@asynccontextmanager
async def compose(settings: Settings) -> AsyncIterator[Program]:
    """Build everything a job or the web process needs; nothing is contacted before it is used.

    Raises:
        ConfigurationError: when a credential or the catalogue is missing or wrong.
    """
    settings.require_service_credentials()
    address = store.address_of(settings)
    catalog = catalog_of(settings)
    durability = parse_durability(settings.pilot_durability)
    async with aiohttp.ClientSession() as session:
        connection = store.connect(address)
        blocking = store.connect_sync(address)
        shared = store.connect_sync(address, timeout=SHARED_SECONDS)
        outside = outside_of(settings, session, shared)
        slack = slack_of(settings, session, connection)
        try:
            yield Program(
                settings=settings,
                session=session,
                catalog=catalog,
                durability=durability,
                store=connection,
                incidents=Incidents(connection),
                jobs=Jobs(blocking),
                renderer=Renderer(redaction=settings.pilot_redact),
                slack=slack,
                thread=Thread(slack, connection, durability),
                outside=outside,
                analyst=analyst_of(settings, connection),
            )
        finally:
            if outside.github:
                outside.github.close()
                await outside.github.tally.add_to(connection)
            await slack.tally.add_to(connection)
            await connection.aclose()
            blocking.close()
            shared.close()
