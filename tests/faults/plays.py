"""Each fault: how it is done, and how long it is given."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from investigator.store import connect_sync
from sandbox.faults import Faults
from tests.faults.regions import Regions
from tests.faults.scene import Scene
from tests.faults.stage import Stage


@asynccontextmanager
async def store_killed(stage: Stage) -> AsyncIterator[None]:
    stage.store.stop()
    try:
        yield
    finally:
        stage.store.start()


@asynccontextmanager
async def disk_full(stage: Stage) -> AsyncIterator[None]:
    if stage.disk is None:
        raise RuntimeError("this stage has no disk of its own")
    stage.disk.fill()
    try:
        yield
    finally:
        stage.disk.clear()


@asynccontextmanager
async def store_disk_full(stage: Stage) -> AsyncIterator[None]:
    """It ends, as it cannot write down what it is told; somebody makes room and starts it again."""
    async with disk_full(stage):
        yield
    stage.store.stop()
    stage.store.start()


@asynccontextmanager
async def store_frozen(stage: Stage) -> AsyncIterator[None]:
    stage.freeze_store()
    try:
        yield
    finally:
        stage.thaw_store()


@asynccontextmanager
async def store_slow(stage: Stage) -> AsyncIterator[None]:
    stage.way.delay = 0.6
    try:
        yield
    finally:
        stage.way.delay = 0.0


@asynccontextmanager
async def store_unreachable(stage: Stage) -> AsyncIterator[None]:
    stage.way.close()
    try:
        yield
    finally:
        stage.way.open()


def store_set(name: str, bad: str, good: str) -> Callable[[Stage], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def play(stage: Stage) -> AsyncIterator[None]:
        with connect_sync(stage.store.url) as client:
            client.config_set(name, bad)
            try:
                yield
            finally:
                client.config_set(name, good)

    return play


def gone(kind: str) -> Callable[[Scene], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def play(stage: Scene) -> AsyncIterator[None]:
        roles = stage.processes.of(kind)
        stage.hold(roles)
        try:
            yield
        finally:
            stage.release(roles)

    return play


def outside(
    of: Callable[[Scene], list[Faults]], *, latency: float = 0.0, **how: object
) -> Callable[[Scene], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def play(stage: Scene) -> AsyncIterator[None]:
        for faults in of(stage):
            faults.latency = latency
            if how:
                faults.add("/", **how)  # type: ignore[arg-type]  # the keywords of `Faults.add`
        try:
            yield
        finally:
            for faults in of(stage):
                faults.clear()

    return play


@asynccontextmanager
async def as_started(_stage: Scene) -> AsyncIterator[None]:
    """The fault is in what the processes were started with, and is not mended."""
    yield


def slack(stage: Scene) -> list[Faults]:
    return [stage.around.world.slack.faults]


def github(stage: Scene) -> list[Faults]:
    return [stage.around.world.github.faults]


def sentry(stage: Scene) -> list[Faults]:
    return [stage.around.world.sentry.faults]


def first_model(stage: Scene) -> list[Faults]:
    return [stage.around.models["anthropic"].faults]


def every_model(stage: Scene) -> list[Faults]:
    return [model.faults for model in stage.around.models.values()]


@asynccontextmanager
async def models_lie(stage: Scene) -> AsyncIterator[None]:
    """They cite a commit and a line that are not in the evidence."""
    before = {name: model.answer for name, model in stage.around.models.items()}
    for model in stage.around.models.values():
        model.answer = lambda _prompt: (
            '{"hypothesis": {"text": "Commit C99 did it.", "evidence": ["C99"]}, "mechanism": '
            '[{"text": "See F77.", "evidence": ["F77"]}], "suspect": "C99", "confidence": 0.99, '
            '"blast_radius": {"text": "All.", "evidence": ["X1"]}, "checks": [], "disproof": []}'
        )
    try:
        yield
    finally:
        for name, model in stage.around.models.items():
            model.answer = before[name]


@asynccontextmanager
async def certificate_expired(stage: Stage) -> AsyncIterator[None]:
    stage.certificates.expire()
    for way in stage.secured:
        way.interrupt()
    try:
        yield
    finally:
        stage.certificates.renew()


def clock_jumps(seconds: int) -> Callable[[Stage], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def play(stage: Stage) -> AsyncIterator[None]:
        if stage.wall_clock is None:
            raise RuntimeError("this stage's clock cannot jump")
        stage.wall_clock.set(seconds)
        try:
            yield
        finally:
            stage.wall_clock.set(0)

    return play


@asynccontextmanager
async def region_gone(regions: Regions) -> AsyncIterator[None]:
    await asyncio.to_thread(regions.lose)
    try:
        yield
    finally:
        await asyncio.to_thread(regions.regain)
