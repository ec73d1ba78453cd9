"""`pilot web`: the process that faces Sentry and Slack. One aiohttp application for both."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

from bot.github_webhook import GitHubWebhook
from bot.health import Health
from bot.listeners.app import slack_app
from bot.metrics_route import Metrics
from bot.request_body import MIB, BodyReader, BodyRefused
from bot.route_guard import guarded
from bot.sentry_webhook import SentryWebhook
from bot.status_page import StatusPage
from bot.watching import process_name, watching_from_web
from investigator.composition import Program, compose, observer_of
from investigator.errors import ConfigurationError
from investigator.health.looking import look_at_place
from investigator.health.observer import Observer
from investigator.inbox import Inbox
from investigator.inbox_writer import InboxWriter
from investigator.settings import Settings
from investigator.spool import Spool

log = structlog.get_logger()

SHUTDOWN_SECONDS = 5.0
IDLE_SECONDS = 75.0  # also the only limit aiohttp has on a request whose head never ends
LINGERING_SECONDS = 1.0
NOT_FROM_SLACK = (
    "the signature does not fit: set SLACK_SIGNING_SECRET to the app's signing secret, "
    "and see that this machine's clock is right"
)


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Serve until `stop` is set; requests under way are finished.

    Raises:
        ConfigurationError: credentials are missing, or the address is taken.
    """
    async with compose(settings) as program, application(program) as app:
        logging.getLogger("aiohttp.server").addFilter(not_a_peers_mistake)
        runner = web.AppRunner(
            app,
            access_log=None,
            shutdown_timeout=SHUTDOWN_SECONDS,
            keepalive_timeout=IDLE_SECONDS,
            lingering_time=LINGERING_SECONDS,
        )
        await runner.setup()
        try:
            await _listen(runner, settings.pilot_host, settings.pilot_port)
            log.info("web_listening", host=settings.pilot_host, port=settings.pilot_port)
            await stop.wait()
        finally:
            await runner.cleanup()


@asynccontextmanager
async def application(program: Program) -> AsyncIterator[web.Application]:
    """The application with its inbox at work; what waits in it is made durable before this ends."""
    settings = program.settings
    spool = Spool(settings.pilot_data_dir / "spool")
    writer = InboxWriter(program.store, program.durability)
    inbox = Inbox(writer, spool, budget=settings.pilot_intake_budget_seconds)
    draining = asyncio.create_task(inbox.keep_drained())
    app = web.Application()
    secrets = [secret.get_secret_value() for secret in settings.sentry_client_secret]
    SentryWebhook(secrets, inbox, legacy_plugin=settings.sentry_legacy_plugin).add_to(app)
    github_secrets = [secret.get_secret_value() for secret in settings.github_webhook_secret]
    GitHubWebhook(github_secrets, program.store, look=program.jobs.follow_fixes).add_to(app)
    signing_secret = settings.slack_signing_secret
    add_slack(app, slack_app(program), signing_secret.get_secret_value() if signing_secret else "")
    Health(program.store, spool, program.durability).add_to(app)
    look_here = partial(look_at_place, process_name(), spool, settings.pilot_data_dir)
    observer = observer_of(settings, program.store, look_here)
    _add_observed(app, program, observer)
    try:
        async with watching_from_web(program, observer):
            yield app
    finally:
        draining.cancel()
        with suppress(asyncio.CancelledError):
            await draining
        await inbox.close()
        await spool.close()


def _add_observed(app: web.Application, program: Program, observer: Observer) -> None:
    secret = program.settings.pilot_metrics_token
    token = secret.get_secret_value() if secret else None
    app.router.add_get("/metrics", guarded(Metrics(program.store, observer).show, token))
    app.router.add_get("/status", guarded(StatusPage(observer).show, token))


def add_slack(app: web.Application, bolt: AsyncApp, secret: str) -> None:
    """`POST /slack/events`: events, commands and interactions alike, verified before they are parsed."""
    reader, verifier = BodyReader(max_bytes=MIB, max_total=16 * MIB, seconds=2.0), SignatureVerifier(secret)

    async def handle(request: web.Request) -> web.Response:
        try:
            body = await reader.read(request)
        except BodyRefused as refused:
            return web.json_response({"error": str(refused)}, status=refused.status)
        if not _is_signed(verifier, body, request.headers):
            return web.json_response({"error": NOT_FROM_SLACK}, status=401)
        slack_request = AsyncBoltRequest(
            body=body.decode(), query=request.query_string, headers=dict(request.headers)
        )
        return await to_aiohttp_response(await bolt.async_dispatch(slack_request))

    app.router.add_post("/slack/events", handle)


def _is_signed(verifier: SignatureVerifier, body: bytes, headers: Mapping[str, str]) -> bool:
    try:
        return verifier.is_valid_request(body, dict(headers))
    except ValueError:  # a timestamp that is no number, or a body that is no text
        return False


def not_a_peers_mistake(record: logging.LogRecord) -> bool:
    """False for requests that were no HTTP: they are answered 400, and their traceback says nothing of us."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise ConfigurationError(
            f"port {port} on {host} is taken: stop what listens there, or set PILOT_PORT to another port"
        ) from None
