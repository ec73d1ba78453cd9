"""What machines and people may ask of the web process: alive, ready, the numbers, and the status page."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from redis.asyncio import Redis

from bot.web import application
from investigator.composition import compose
from investigator.counters import INVESTIGATIONS
from investigator.durability import LOCAL
from investigator.health.looking import refusal
from investigator.settings import Settings
from investigator.spool import Spool, SpoolUnavailable
from investigator.store import connect_sync
from sandbox.serving import serve

NOWHERE = "redis://127.0.0.1:1/0"


@asynccontextmanager
async def web(
    store_url: str, data: Path, *, stop: asyncio.Event | None = None, **more: Any
) -> AsyncIterator[str]:
    settings = Settings(
        _env_file=None,
        slack_bot_token="x",
        slack_signing_secret="x",
        sentry_client_secret="x",
        redis_url=store_url,
        pilot_data_dir=data,
        **more,
    )
    async with compose(settings) as program, application(program, stop=stop) as app, serve(app) as url:
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


async def test_once_told_to_stop_it_is_not_ready_and_answers_all_the_same(
    store_url: str, tmp_path: Path
) -> None:
    stop = asyncio.Event()
    async with web(store_url, tmp_path, stop=stop) as url:
        stop.set()
        status, answer = await asked(f"{url}/readyz")
        assert (status, answer["status"]) == (503, "stopping"), "requests are still sent here"
        assert (await asked(f"{url}/healthz"))[0] == 200


async def test_a_store_that_is_full_refuses(store: Redis) -> None:
    assert await refusal(store, LOCAL) == ""
    await store.config_set("maxmemory", "1")
    try:
        assert "maxmemory" in await refusal(store, LOCAL)
    finally:
        await store.config_set("maxmemory", "0")


@pytest.mark.parametrize("missing", ["store", "disk"])
async def test_without_one_of_them_it_is_degraded_and_says_why(
    store_url: str, tmp_path: Path, missing: str
) -> None:
    store, data = (NOWHERE, tmp_path) if missing == "store" else (store_url, in_the_way(tmp_path))
    async with web(store, data) as url:
        status, answer = await asked(f"{url}/readyz")
    assert (status, answer["status"]) == (200, "degraded"), "deliveries can still be made durable"
    assert {"store": "the store does not answer as it should", "disk": "the spool"}[missing] in str(
        answer["reasons"]
    )


@pytest.fixture
def lonely_store(store_url: str) -> Iterator[str]:
    """Answers, and refuses writes: a primary without the replica it needs."""
    with connect_sync(store_url) as client:
        client.config_set("min-replicas-to-write", 1)
        yield store_url
        client.config_set("min-replicas-to-write", 0)


async def test_a_store_that_only_refuses_writes_is_seen(lonely_store: str, tmp_path: Path) -> None:
    async with web(lonely_store, tmp_path / "well") as url:
        status, answer = await asked(f"{url}/readyz")
    assert (status, answer["status"]) == (200, "degraded"), "the spool still takes deliveries"
    assert "NOREPLICAS" in str(answer["reasons"])
    async with web(lonely_store, in_the_way(tmp_path)) as url:
        assert (await asked(f"{url}/readyz"))[0] == 503, "now nothing takes them"


async def test_replicas_that_do_not_confirm_are_seen(store_url: str, tmp_path: Path) -> None:
    async with web(store_url, tmp_path, pilot_durability="replicated:1") as url:
        assert (await asked(f"{url}/readyz"))[1]["status"] == "degraded"


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


async def read(url: str, **options: Any) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url, **options) as answer:
        return answer.status, await answer.text()


async def test_metrics_judge_health_and_leave_out_what_only_the_store_knows(
    store_url: str, tmp_path: Path
) -> None:
    async with web(store_url, tmp_path) as url:
        _, text = await read(f"{url}/metrics")
    assert "pilot_store_up 1.0" in text
    assert "pilot_workers 0.0" in text
    assert 'pilot_health_findings{rule="no_worker",severity="critical"} 1.0' in text
    async with web(NOWHERE, tmp_path) as url:
        _, text = await read(f"{url}/metrics")
    assert "pilot_store_up 0.0" in text
    assert "pilot_workers" not in text, "an old number would look like news"


async def test_what_a_job_counted_is_shown(store: Redis, store_url: str, tmp_path: Path) -> None:
    await INVESTIGATIONS.add(store, "done", amount=3)
    async with web(store_url, tmp_path) as url:
        _, text = await read(f"{url}/metrics")
    assert 'pilot_investigations_total{result="done"} 3.0' in text


# --- the status page


async def test_people_see_what_is_the_matter_and_what_to_do(store_url: str, tmp_path: Path) -> None:
    async with web(store_url, tmp_path) as url:
        status, text = await read(f"{url}/status")
    assert status == 200
    assert "In trouble" in text
    assert "No worker is alive" in text
    assert "Start `pilot worker`" in text


async def test_the_page_is_there_when_the_store_is_gone(tmp_path: Path) -> None:
    async with web(NOWHERE, tmp_path) as url:
        status, text = await read(f"{url}/status")
    assert status == 200
    assert "The store does not answer" in text
    assert "deliveries in the spool" in text, "what this machine knows is shown"


async def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing(store_url: str, tmp_path: Path) -> None:
    async with (
        web(store_url, tmp_path) as url,
        aiohttp.ClientSession() as session,
        session.get(f"{url}/status") as answer,
    ):
        text = await answer.text()
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    for forbidden in ("<script", "http://", "https://", "src=", "@import", "url("):
        assert forbidden not in text, f"the page contains {forbidden}"


async def test_what_others_wrote_is_escaped_on_the_page(store_url: str, tmp_path: Path) -> None:
    with connect_sync(store_url) as client:
        client.hset("outside:slack", mapping={"failing_since": "1", "why": "<script>alert(1)</script>"})
    async with web(store_url, tmp_path) as url:
        _, text = await read(f"{url}/status")
    assert "<script" not in text
    assert "&lt;script&gt;" in text


# --- who may look


@pytest.mark.parametrize("route", ["metrics", "status"])
async def test_with_a_token_only_who_shows_it_may_look(store_url: str, tmp_path: Path, route: str) -> None:
    async with web(store_url, tmp_path, pilot_metrics_token="let-me-see") as url:
        assert (await read(f"{url}/{route}"))[0] == 401
        wrong = {"Authorization": "Bearer let-me-sea"}
        assert (await read(f"{url}/{route}", headers=wrong))[0] == 401
        broken = {"Authorization": "Basic %%%"}
        assert (await read(f"{url}/{route}", headers=broken))[0] == 401
        right = {"Authorization": "Bearer let-me-see"}
        assert (await read(f"{url}/{route}", headers=right))[0] == 200
        as_password = {"Authorization": f"Basic {b64encode(b'me:let-me-see').decode()}"}
        assert (await read(f"{url}/{route}", headers=as_password))[0] == 200
        assert (await read(f"{url}/healthz"))[0] == 200, "who starts processes again shows no token"
