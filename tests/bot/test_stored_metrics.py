"""`/metrics` shows what jobs counted, whose own processes are long gone."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import redis.asyncio
from aiohttp import web

from bot.health import Health
from investigator.counters import INVESTIGATIONS
from investigator.inbox_reader import InboxReader
from investigator.spool import Spool
from sandbox.serving import serve


async def test_what_a_job_counted_is_shown(store: redis.asyncio.Redis, tmp_path: Path) -> None:
    await INVESTIGATIONS.add(store, "done", amount=3)
    app = web.Application()
    Health(store, InboxReader(store, "health"), Spool(tmp_path)).add_to(app)
    async with (
        serve(app) as url,
        aiohttp.ClientSession() as session,
        session.get(f"{url}/metrics") as answer,
    ):
        text = await answer.text()
    assert 'pilot_investigations_total{result="done"} 3.0' in text
    assert "pilot_inbox_oldest_seconds" in text, "the process's own numbers are still there"
