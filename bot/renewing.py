"""What `pilot web` takes over from changed settings while it serves: whom it believes, as whom it speaks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack

from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp

from bot.listeners.app import slack_app
from bot.next_program import next_program
from bot.slack_route import SlackRoute
from bot.trusted_secrets import TrustedSecrets
from investigator.composition import Program
from investigator.live_settings import LiveSettings
from investigator.settings import Settings

# Bolt works on after its acknowledgement, with the clients that it began with.
LINGERING_SECONDS = 60.0


class Believed:
    """Whose requests are taken, and who answers Slack's."""

    def __init__(self, program: Program) -> None:
        settings = program.settings
        self.sentry = TrustedSecrets(_plain(*settings.sentry_client_secret))
        self.github = TrustedSecrets(_plain(*settings.github_webhook_secret))
        self.slack = TrustedSecrets(_plain(settings.slack_signing_secret))
        self.metrics = TrustedSecrets(_plain(settings.pilot_metrics_token))
        self.slack_route = SlackRoute(slack_app(program), self.slack)

    def renew(self, settings: Settings, bolt: AsyncApp) -> None:
        self.sentry.renew(_plain(*settings.sentry_client_secret))
        self.github.renew(_plain(*settings.github_webhook_secret))
        self.slack.renew(_plain(settings.slack_signing_secret))
        self.metrics.renew(_plain(settings.pilot_metrics_token))
        self.slack_route.bolt = bolt


def _plain(*secrets: SecretStr | None) -> tuple[str, ...]:
    return tuple(secret.get_secret_value() for secret in secrets if secret)


Watching = Callable[[Program], AbstractAsyncContextManager[None]]


async def keep_renewed(program: Program, live: LiveSettings, believed: Believed, watching: Watching) -> None:
    """Watch with `program`, and with what replaces it whenever the settings change, until cancelled."""
    clients = AsyncExitStack()  # of the present program; whoever made the first one closes it
    retiring = set[asyncio.Task[None]]()
    try:
        while True:
            async with watching(program):
                program, renewed = await next_program(live)
            believed.renew(program.settings, slack_app(program))
            retired = asyncio.create_task(_retire(clients))
            retiring = {retired, *(task for task in retiring if not task.done())}
            clients = renewed
    finally:
        for task in retiring:
            task.cancel()
        await asyncio.gather(*retiring, return_exceptions=True)
        await clients.aclose()


async def _retire(clients: AsyncExitStack) -> None:
    try:
        await asyncio.sleep(LINGERING_SECONDS)
    finally:
        await clients.aclose()
