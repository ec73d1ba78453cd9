"""The whole bot among its stand-ins, for benchmarks that measure it as it runs."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.demo.play import Play, running_bot
from bot.demo.stage import Stage, build_service, stage
from investigator.embedded_store import free_port


@asynccontextmanager
async def bot_at_work(catalog: str | None = None) -> AsyncIterator[Stage]:
    """`pilot up` on the demo's stage, ready for webhooks; with `catalog` instead of the demo's pilot.yml."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        directory = Path(folder)
        service, regression, upstream = await asyncio.to_thread(build_service, directory)
        ports = {"bot_port": free_port(), "page_port": 0}
        async with stage(directory, service, regression, upstream, **ports) as scene:
            if catalog is not None:
                (directory / "pilot.yml").write_text(catalog)
            async with running_bot(scene, Play(tell=lambda step: None)):
                yield scene
