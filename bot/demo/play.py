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

from bot.demo.stage import CHANNEL, Stage, build_service, stage
from bot.supervisor import up
from investigator.embedded_store import free_port, lock_store
from investigator.errors import PilotError
from investigator.settings import Settings
from sandbox.demo_service import DemoFailed

READY_SECONDS = 60.0
STEP_SECONDS = 60.0


class StepFailed(PilotError):
    """A step of the demo did not do what it should; the text says what was seen instead."""


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


async def perform(
    directory: Path,
    play: Play,
    *,
    page_port: int,
    then: Callable[[Play], Awaitable[None]],
    open_fix: bool = False,
) -> None:
    """Build the service, start everything, play the incident; `then` runs while all of it is still up.

    `open_fix`: also confirm the pull request, which a person at the page would rather do themselves.

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
            running_bot(scene, play),
        ):
            play.page = scene.page
            await _alert(scene, play)
            await _watch_thread(scene, play)
            await _ask_status(scene, play)
            if open_fix:
                await _open_fix(scene, play)
            await then(play)


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


async def _alert(scene: Stage, play: Play) -> None:
    async with play.step("Sentry's webhooks are accepted"):
        try:
            statuses = await scene.alert(f"http://127.0.0.1:{scene.environment['PILOT_PORT']}")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise StepFailed(f"the webhook gave no answer within Sentry's second: {error!r}") from None
        if statuses != [200, 200]:
            raise StepFailed(f"the webhook answered {statuses}")


async def _watch_thread(scene: Stage, play: Play) -> None:
    slack = scene.slack
    async with play.step("the parent message is posted"):
        await _until(scene, lambda: bool(slack.messages(CHANNEL)), "no message in the channel")
        play.parent = slack.messages(CHANNEL)[0]
        play.channel = slack.workspace.channel(CHANNEL).id
    async with play.step("the report is in the thread"):
        ts = str(play.parent["ts"])
        await _until(scene, lambda: bool(slack.thread(CHANNEL, ts)), "nothing in the thread")
    async with play.step("the parent names the pull request that did it"):
        culprit = f"#{scene.service.culprit_pull_request}"
        await _until(
            scene, lambda: culprit in str(slack.messages(CHANNEL)[0]), f"no {culprit} in the parent message"
        )
    async with play.step("the analysis of a scripted model is in the thread"):
        await _until(scene, lambda: "AI analysis of" in _said(scene, ts), "no analysis in the thread")
    async with play.step("its change of code was checked, and is suggested"):
        await _until(scene, lambda: "Suggested fix for" in _said(scene, ts), "no suggested fix in the thread")
    play.parent = slack.messages(CHANNEL)[0]
    play.thread = slack.thread(CHANNEL, ts)
    if len(slack.messages(CHANNEL)) != 1:
        raise StepFailed(f"one incident has {len(slack.messages(CHANNEL))} parent messages")


def _said(scene: Stage, ts: str) -> str:
    """What the thread says so far, a notification text a line."""
    return "\n".join(str(message["text"]) for message in scene.slack.thread(CHANNEL, ts))


async def _ask_status(scene: Stage, play: Play) -> None:
    async with play.step("/pilot status answers"):
        await scene.slack.slash("/pilot", "status", channel=CHANNEL, user="priya")
        await _until(
            scene,
            lambda: f"#{play.incident}" in str(scene.slack.ephemerals("priya")),
            "no answer with the incident",
        )


async def _open_fix(scene: Stage, play: Play) -> None:
    slack, ts = scene.slack, str(play.parent["ts"])
    async with play.step("Open fix PR shows the revert, and opens it once it is confirmed"):
        await slack.acts.click(CHANNEL, ts, "pilot_fix", user="priya")
        await _until(scene, lambda: _dialog(scene, "diff --git") is not None, "no diff in the dialog")
        dialog = _dialog(scene, "diff --git")
        await slack.acts.submit(dialog or "", {}, user="priya")
        await _until(scene, lambda: "View PR #" in str(slack.messages(CHANNEL)[0]), "no pull request")
        for view in list(slack.workspace.views):
            await slack.acts.close(view, user="priya")
    play.parent = slack.messages(CHANNEL)[0]
    play.thread = slack.thread(CHANNEL, ts)


def _dialog(scene: Stage, words: str) -> str | None:
    """The id of the open dialog that says this."""
    views = scene.slack.workspace.views.values()
    return next((opened.id for opened in views if words in str(opened.view)), None)


async def _until(scene: Stage, condition: Callable[[], bool], otherwise: str) -> None:
    try:
        await scene.slack.until(condition, timeout=STEP_SECONDS)
    except TimeoutError:
        raise StepFailed(
            f"{otherwise} within {STEP_SECONDS:.0f} s; the bot's log is {scene.directory / 'bot.log'}"
        ) from None
