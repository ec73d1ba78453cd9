"""`pilot web`: the process that faces Sentry and Slack. One aiohttp application for both."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bot.admission import Admission
from bot.github_webhook import GitHubWebhook
from bot.health import Health
from bot.metrics_route import Metrics
from bot.refusing import Refusing
from bot.renewing import Believed, keep_renewed
from bot.route_guard import guarded
from bot.sentry_webhook import SentryWebhook
from bot.status_page import StatusPage
from bot.watching import process_name, watching_from_web
from investigator.composition import Program, compose, observer_of
from investigator.errors import ConfigurationError
from investigator.health.looking import look_at_place
from investigator.health.snapshot import Place
from investigator.inbox import Inbox
from investigator.inbox_writer import InboxWriter
from investigator.live_settings import LiveSettings
from investigator.spool import Spool

log = structlog.get_logger()

SHUTDOWN_SECONDS = 5.0
BACKLOG = 1024  # connections that wait to be accepted: a burst is refused in words, not by the kernel
DOORS = 32
ADMISSION = web.AppKey("admission", Admission)
IDLE_SECONDS = 75.0  # also the only limit aiohttp has on a request whose head never ends
LINGERING_SECONDS = 1.0


async def serve(live: LiveSettings, stop: asyncio.Event) -> None:
    """Serve until `stop` is set, and so much longer as is configured; requests under way are finished.

    Changed settings are taken over meanwhile.

    Raises:
        ConfigurationError: credentials are missing, or the address is taken.
    """
    settings = live.settings
    async with compose(settings) as program, application(program, live, stop) as app:
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
            doors = await _listen(runner, app[ADMISSION], settings.pilot_host, settings.pilot_port)
            try:
                log.info("web_listening", host=settings.pilot_host, port=settings.pilot_port)
                await stop.wait()
                await asyncio.sleep(live.settings.pilot_drain_seconds)
            finally:
                for door in doors:
                    door.close()
        finally:
            await runner.cleanup()


@asynccontextmanager
async def application(
    program: Program, live: LiveSettings | None = None, stop: asyncio.Event | None = None
) -> AsyncIterator[web.Application]:
    """The application with its inbox at work; what waits in it is made durable before this ends.

    Once `stop` is set it is not ready any more, and answers all the same.
    """
    settings = program.settings
    spool = Spool(settings.pilot_data_dir / "spool")
    writer = InboxWriter(program.store, program.durability)
    inbox = Inbox(writer, spool, budget=settings.pilot_intake_budget_seconds)
    draining = asyncio.create_task(inbox.keep_drained())
    app = web.Application()
    live = live or LiveSettings(settings)
    believed = Believed(program)
    app[ADMISSION] = admission = Admission()
    legacy = settings.sentry_legacy_plugin
    SentryWebhook(believed.sentry, inbox, legacy_plugin=legacy, admission=admission).add_to(app)
    GitHubWebhook(believed.github, program.store, look=program.jobs.follow_fixes).add_to(app)
    believed.slack_route.add_to(app)
    Health(program.store, spool, program.durability, stop or asyncio.Event()).add_to(app)
    observer = observer_of(settings, program.store, partial(_look_here, spool, live))
    app.router.add_get("/metrics", guarded(Metrics(program.store, observer).show, believed.metrics))
    app.router.add_get("/status", guarded(StatusPage(observer).show, believed.metrics))
    watching = partial(watching_from_web, observer=observer)
    renewing = asyncio.create_task(keep_renewed(program, live, believed, watching))
    try:
        yield app
    finally:
        for task in (renewing, draining):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await inbox.close()
        await spool.close()


async def _look_here(spool: Spool, live: LiveSettings) -> Place:
    place = await look_at_place(process_name(), spool, live.settings.pilot_data_dir)
    return replace(place, settings_problem=live.problem)


def not_a_peers_mistake(record: logging.LogRecord) -> bool:
    """False for requests that were no HTTP: they are answered 400, and their traceback says nothing of us."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


async def _listen(runner: web.AppRunner, admission: Admission, host: str, port: int) -> list[asyncio.Server]:
    def connect() -> Refusing:
        if runner.server is None:
            raise RuntimeError("the runner was not set up, or is cleaned up")
        return Refusing(runner.server(), admission)

    loop = asyncio.get_running_loop()
    try:
        first = await loop.create_server(connect, host, port, backlog=BACKLOG)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise ConfigurationError(
            f"port {port} on {host} is taken: stop what listens there, or set PILOT_PORT to another port"
        ) from None
    # uvloop accepts one connection a socket in a round of its loop: a rush would wait for seconds.
    same = [socket.socket(fileno=os.dup(door.fileno())) for door in first.sockets for _ in range(DOORS - 1)]
    return [first, *[await loop.create_server(connect, sock=door, backlog=BACKLOG) for door in same]]
