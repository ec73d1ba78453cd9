"""How fast commands and clicks are acknowledged, by the real processes, while the outside hangs.

Whoever asks, and the stand-ins, are this process; the bot's are those of `pilot up`. While something hangs, a
re-run is under way that waits for it.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from benchmarks.scene import bot_at_work
from benchmarks.tables import Table, milliseconds
from bot.demo.stage import CHANNEL, Stage
from investigator.embedded_store import STORE_ADDRESS
from sandbox.faults import Faults
from sandbox.slack.bot_link import Reply

ASKED = 80  # times a person types a command, and clicks a button
PEOPLE = 3  # at the same time
PATIENCE_SECONDS = 60.0

Situation = Callable[[Stage], AbstractAsyncContextManager[None]]


async def measure() -> Table:
    rows: list[tuple[object, ...]] = []
    async with bot_at_work() as scene:
        await scene.alert(scene.incident.issue, scene.incident.event)
        await scene.slack.until(lambda: _is_told(scene), timeout=PATIENCE_SECONDS)
        for name, situation in SITUATIONS.items():
            async with situation(scene):
                commands, clicks = await _acknowledgements(scene)
            rows += [_row(name, "/pilot status", commands), _row(name, "Expand", clicks)]
    columns = ("while", "what", "n", "p50 ms", "p99 ms", "slowest ms")
    return Table(f"Acknowledged, {PEOPLE} people at a time", columns, rows)


def _is_told(scene: Stage) -> bool:
    messages = scene.slack.messages(CHANNEL)
    return bool(messages) and f"#{scene.service.culprit_pull_request}" in str(messages[0])


async def _acknowledgements(scene: Stage) -> tuple[list[float], list[float]]:
    """Seconds until commands, and until clicks, were acknowledged."""
    slack, commands, clicks = scene.slack, list[float](), list[float]()
    ts = str(slack.messages(CHANNEL)[0]["ts"])

    async def person() -> None:
        for _ in range(ASKED):
            commands.append(await _timed(slack.slash("/pilot", "status", channel=CHANNEL)))
            clicks.append(await _timed(slack.click(CHANNEL, ts, "pilot_expand")))

    await asyncio.gather(*(person() for _ in range(PEOPLE)))
    return commands, clicks


async def _timed(act: Awaitable[Reply]) -> float:
    started = time.perf_counter()
    reply = await act
    if not reply.ok:
        raise RuntimeError(f"Slack would have shown: {reply.error}")
    return time.perf_counter() - started


@asynccontextmanager
async def nothing_else(_scene: Stage) -> AsyncIterator[None]:
    yield


@asynccontextmanager
async def store_under_load(scene: Stage) -> AsyncIterator[None]:
    url = (Path(scene.environment["PILOT_DATA_DIR"]) / STORE_ADDRESS).read_text()
    load = await asyncio.create_subprocess_exec(sys.executable, "-m", "benchmarks.store_load", url)
    try:
        yield
        if load.returncode is not None:
            raise RuntimeError(f"the load ended with {load.returncode}")
    finally:
        if load.returncode is None:
            load.kill()
        await load.wait()


def hanging(*services: Callable[[Stage], Faults]) -> Situation:
    @asynccontextmanager
    async def situation(scene: Stage) -> AsyncIterator[None]:
        for faults in services:
            for path in ("/api/", "/response/") if faults is _slack else ("/",):
                faults(scene).add(path, hang=True)
        await scene.slack.slash("/pilot", "rerun #1", channel=CHANNEL)
        try:
            yield
        finally:
            for faults in services:
                faults(scene).clear()

    return situation


def _slack(scene: Stage) -> Faults:
    return scene.slack.faults


def _github(scene: Stage) -> Faults:
    return scene.github.faults


def _models(scene: Stage) -> Faults:
    return scene.llm.faults


SITUATIONS: dict[str, Situation] = {
    "nothing else happens": nothing_else,
    "the store under load": store_under_load,
    "GitHub hanging": hanging(_github),
    "models hanging": hanging(_models),
    "Slack's API hanging": hanging(_slack),
    "all three hanging": hanging(_github, _models, _slack),
}


def _row(situation: str, what: str, seconds: Sequence[float]) -> tuple[object, ...]:
    ordered = sorted(seconds)
    p50, p99 = (ordered[int(len(ordered) * share)] for share in (0.5, 0.99))
    return situation, what, len(ordered), milliseconds(p50), milliseconds(p99), milliseconds(ordered[-1])
