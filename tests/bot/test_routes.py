"""Every route that is exposed: who may ask, and how much may be sent. A new one is listed here first."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from bot.web import application
from investigator.composition import compose
from investigator.settings import Settings
from sandbox.serving import serve

ARCHITECTURE = Path(__file__).parents[2] / "docs" / "architecture.md"
SIGNED = {"/sentry/webhook": 8, "/slack/events": 1, "/github/webhook": 25}  # → MiB that it reads at most
GUARDED = {"/metrics", "/status"}
OPEN = {"/healthz", "/readyz"}


@asynccontextmanager
async def running(store_url: str, tmp_path: Path, **given: str) -> AsyncIterator[tuple[web.Application, str]]:
    settings = Settings.model_validate(
        {
            "redis_url": store_url,
            "slack_bot_token": "xoxb",
            "slack_signing_secret": "s",
            "sentry_client_secret": "s",
            "github_webhook_secret": "s",
            "pilot_data_dir": tmp_path,
            **given,
        }
    )
    async with compose(settings) as program, application(program) as app, serve(app) as url:
        yield app, url


async def test_there_is_no_route_that_nobody_thought_of(store_url: str, tmp_path: Path) -> None:
    async with running(store_url, tmp_path) as (app, _):
        there = {route.resource.canonical for route in app.router.routes() if route.resource}
    assert there == {*SIGNED, *GUARDED, *OPEN}
    listed = re.findall(r"^\| `(?:GET|POST) (/[^`]+)`", ARCHITECTURE.read_text(), re.MULTILINE)
    assert set(listed) == there, "docs/architecture.md lists other routes"


@pytest.mark.parametrize(("path", "limit"), SIGNED.items())
async def test_what_is_not_signed_or_too_large_is_refused(
    store_url: str, tmp_path: Path, path: str, limit: int
) -> None:
    async with running(store_url, tmp_path) as (_, url), ClientSession(url) as session:
        async with session.post(path, data=b"{}") as answer:
            assert answer.status == 401
        announced = {"Content-Length": str(limit * 1024 * 1024 + 1)}
        async with session.post(path, data=b"", headers=announced) as answer:
            assert answer.status == 413


async def test_only_what_tells_nothing_is_open_when_a_token_is_set(store_url: str, tmp_path: Path) -> None:
    token = {"pilot_metrics_token": "t"}
    async with running(store_url, tmp_path, **token) as (_, url), ClientSession(url) as session:
        for path in sorted(GUARDED | OPEN):
            async with session.get(path) as answer:
                assert answer.status == (401 if path in GUARDED else 200), path
