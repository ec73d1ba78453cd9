"""The demo's play: each step does what a person or Sentry would do, and is checked."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bot.demo.stage import Stage, StepFailed, build_service, stage
from bot.supervisor import up
from investigator.embedded_store import free_port, lock_store
from investigator.settings import Settings
from sandbox.demo_service import DemoFailed

READY_SECONDS = 60.0
STEP_SECONDS = 60.0


@dataclass(slots=True)
class Step:
    name: str
    ok: bool = False
    seconds: float = 0.0


@dataclass(slots=True)
class Play:
    """What happened so far; `parent` and `thread` are Slack messages."""

    tell: Callable[[Step], None]
    steps: list[Step] = field(default_factory=list)
    parent: dict[str, Any] = field(default_factory=dict)
    thread: list[dict[str, Any]] = field(default_factory=list)
    page: str = ""
    channel: str | None = None  # id, known once there is a message in it

    @asynccontextmanager
    async def step(self, name: str) -> AsyncIterator[None]:
        """Time one step; a step that raises stays marked as failed."""
        step = Step(name)
        self.steps.append(step)
        started = time.monotonic()
        try:
            yield
            step.ok = True
        finally:
            step.seconds = round(time.monotonic() - started, 3)
            self.tell(step)

    @property
    def incident(self) -> str:
        payload: dict[str, str] = self.parent.get("metadata", {}).get("event_payload", {})
        return payload.get("incident", "")


@dataclass(frozen=True, slots=True)
class Scenario:
    """`play` lets things happen and checks what comes of them; with True it also does what a person at the
    page would rather do themselves.
    """

    name: str
    summary: str
    play: Callable[[Stage, Play, bool], Awaitable[None]]
    invitation: str
    catalog: str | None = None  # instead of the stage's pilot.yml


async def perform(
    directory: Path,
    play: Play,
    scenario: Scenario,
    *,
    page_port: int,
    then: Callable[[Play], Awaitable[None]],
    as_a_person: bool = False,
) -> None:
    """Build the service, start everything, play the scenario; `then` runs while all of it is still up.

    Raises:
        StepFailed: a step did not do what it should.
        ConfigurationError: a port is taken, or there is no store to start.
    """
    with lock_store(directory):
        async with play.step("a service with history, and a real crash in it"):
            try:
                service, regression, upstream = await asyncio.to_thread(build_service, directory)
            except DemoFailed as error:
                raise StepFailed(str(error)) from None
        async with (
            stage(
                directory, service, regression, upstream, bot_port=free_port(), page_port=page_port
            ) as scene,
            _running(scene, play, scenario),
        ):
            play.page = scene.page
            await scenario.play(scene, play, as_a_person)
            await then(play)


@asynccontextmanager
async def _running(scene: Stage, play: Play, scenario: Scenario) -> AsyncIterator[None]:
    if scenario.catalog:
        (scene.directory / "pilot.yml").write_text(scenario.catalog)
    async with running_bot(scene, play):
        yield


@asynccontextmanager
async def running_bot(scene: Stage, play: Play) -> AsyncIterator[None]:
    """Run `pilot up` against the stage; its log goes to a file beside its data."""
    stop = asyncio.Event()
    settings = settings_for(scene)
    with (scene.directory / "bot.log").open("wb") as log:
        running = asyncio.create_task(
            up(settings, stop, environment=process_environment(scene), directory=scene.directory, output=log)
        )
        try:
            async with play.step("store, web, triage, workers and clock are up"):
                await _until_ready(f"http://127.0.0.1:{settings.pilot_port}", running)
            yield
        finally:
            stop.set()
            await running


def process_environment(scene: Stage) -> dict[str, str]:
    """This process's environment without any setting of a real installation, plus the stage's."""
    ours = {name.upper() for name in Settings.model_fields}
    inherited = {name: value for name, value in os.environ.items() if name.upper() not in ours}
    return inherited | dict(scene.environment)


def settings_for(scene: Stage) -> Settings:
    values: dict[str, Any] = {name.lower(): value for name, value in scene.environment.items()}
    return Settings(_env_file=None, redis_url=None, **values)


async def _until_ready(url: str, running: asyncio.Task[None]) -> None:
    give_up = time.monotonic() + READY_SECONDS
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=1)) as session:
        while time.monotonic() < give_up:
            if running.done():
                running.result()
                raise StepFailed("the bot ended before it was ready")
            try:
                async with session.get(f"{url}/readyz") as response:
                    if response.status == 200 and (await response.json())["status"] == "ready":
                        return
            except (aiohttp.ClientError, TimeoutError):
                pass  # not listening yet: that is what is being waited for
            await asyncio.sleep(0.05)
    raise StepFailed(f"the bot was not ready within {READY_SECONDS:.0f} s")


async def until(scene: Stage, condition: Callable[[], bool], otherwise: str) -> None:
    try:
        await scene.slack.until(condition, timeout=STEP_SECONDS)
    except TimeoutError:
        raise StepFailed(
            f"{otherwise} within {STEP_SECONDS:.0f} s; the bot's log is {scene.directory / 'bot.log'}"
        ) from None
