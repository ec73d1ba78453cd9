"""What machines may ask of the web process: alive, ready, and the numbers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.web import application
from investigator.composition import compose
from investigator.settings import Settings
from investigator.spool import Spool, SpoolUnavailable
from sandbox.serving import serve

NOWHERE = "redis://127.0.0.1:1/0"


@asynccontextmanager
async def web(store_url: str, data: Path) -> AsyncIterator[str]:
    settings = Settings(
        _env_file=None,
        slack_bot_token="x",
        slack_signing_secret="x",
        sentry_client_secret="x",
        redis_url=store_url,
        pilot_data_dir=data,
    )
    async with compose(settings) as program, application(program) as app, serve(app) as url:
        yield url


async def asked(url: str) -> tuple[int, dict[str, object]]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.json()


def in_the_way(tmp_path: Path) -> Path:
    """A data directory that cannot be one."""
    (tmp_path / "data").write_text("a file")
    return tmp_path / "data"


async def test_with_store_and_disk_it_is_ready(store_url: str, tmp_path: Path) -> None:
    async with web(store_url, tmp_path) as url:
        assert await asked(f"{url}/healthz") == (200, {"status": "alive"})
        assert await asked(f"{url}/readyz") == (200, {"status": "ready", "reasons": []})


@pytest.mark.parametrize("missing", ["store", "disk"])
async def test_without_one_of_them_it_is_degraded_and_says_why(
    store_url: str, tmp_path: Path, missing: str
) -> None:
    store, data = (NOWHERE, tmp_path) if missing == "store" else (store_url, in_the_way(tmp_path))
    async with web(store, data) as url:
        status, answer = await asked(f"{url}/readyz")
    assert (status, answer["status"]) == (200, "degraded"), "deliveries can still be made durable"
    assert {"store": "the store does not answer", "disk": "the spool"}[missing] in str(answer["reasons"])


async def test_without_both_it_is_not_ready(tmp_path: Path) -> None:
    async with web(NOWHERE, in_the_way(tmp_path)) as url:
        status, answer = await asked(f"{url}/readyz")
        assert (status, answer["status"]) == (503, "not ready")
        assert (await asked(f"{url}/healthz"))[0] == 200, "alive it is"


async def test_metrics_are_prometheus_text_with_or_without_the_store(store_url: str, tmp_path: Path) -> None:
    for store in (store_url, NOWHERE):
        async with (
            web(store, tmp_path) as url,
            aiohttp.ClientSession() as session,
            session.get(f"{url}/metrics") as answer,
        ):
            text = await answer.text()
            assert answer.headers["Content-Type"].startswith("text/plain; version=")
        for name in (
            "pilot_webhook_deliveries_total",
            "pilot_webhook_ack_seconds_bucket",
            "pilot_inbox_oldest_seconds",
            "pilot_spool_deliveries",
        ):
            assert name in text, f"{name} is there"


async def test_the_probe_leaves_nothing_behind(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    await spool.probe()
    assert await spool.count() == 0
    await spool.close()


async def test_a_full_spool_fails_the_probe(tmp_path: Path) -> None:
    spool = Spool(tmp_path, max_bytes=1)
    with pytest.raises(SpoolUnavailable):
        await spool.probe()
    await spool.close()
