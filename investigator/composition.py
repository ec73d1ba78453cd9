"""The composition root: the only place where settings become clients."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import redis
import redis.asyncio

from investigator import store
from investigator.analysis.analyst import Analyst
from investigator.analysis.panel import Panel
from investigator.analysis.prices import parse_prices
from investigator.analysis.providers import models_of
from investigator.analysis.shared_state import SharedState
from investigator.catalog import Catalog, catalog_of
from investigator.durability import Durability, parse_durability
from investigator.errors import ConfigurationError
from investigator.gathering import Outside
from investigator.github.client import connect as connect_github
from investigator.health.observer import Observer, expected_of
from investigator.health.snapshot import Place
from investigator.incidents import Incidents
from investigator.queue import Jobs
from investigator.rendering import Renderer
from investigator.sentry.client import SentryClient
from investigator.settings import Settings
from investigator.slack import Slack
from investigator.slack_budget import SlackBudget, limits
from investigator.thread import Thread

SHARED_SECONDS = 1.0  # what is shared for speed is not worth a longer wait


@dataclass(frozen=True, slots=True)
class Program:
    """What jobs and listeners work with."""

    settings: Settings
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
    return Analyst(panel)


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


@asynccontextmanager
async def compose(settings: Settings) -> AsyncIterator[Program]:
    """Build everything a job or the web process needs; nothing is contacted before it is used.

    Raises:
        ConfigurationError: when a credential or the catalogue is missing or wrong.
    """
    settings.require_service_credentials()
    address = store.address_of(settings)
    if settings.slack_bot_token is None:
        raise ConfigurationError("SLACK_BOT_TOKEN is not set: see .env.example")
    catalog = catalog_of(settings)
    durability = parse_durability(settings.pilot_durability)
    async with aiohttp.ClientSession() as session:
        connection = store.connect(address)
        blocking = store.connect_sync(address)
        shared = store.connect_sync(address, timeout=SHARED_SECONDS)
        outside = outside_of(settings, session, shared)
        slack = Slack(
            settings.slack_bot_token.get_secret_value(),
            settings.slack_api_url,
            session,
            SlackBudget(
                connection,
                limits(settings.pilot_slack_posts_per_minute, settings.pilot_slack_edits_per_minute),
            ),
        )
        try:
            yield Program(
                settings=settings,
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
