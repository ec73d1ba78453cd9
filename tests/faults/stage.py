"""The whole program with all it talks to, and a way between it and its store that can be made worse."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from investigator.embedded_store import EmbeddedStore, free_port
from investigator.sentry.signature import sign
from sandbox.llm import LlmSandbox
from sandbox.pagers import PagersSandbox
from sandbox.sentry import webhook_event_alert
from sandbox.sentry.server import serialize
from sandbox.serving import serve
from tests.chaos.outside import CHANNEL, Outside, issue_of, outside
from tests.chaos.places import Place
from tests.chaos.program import Processes, Role
from tests.fixtures.playing import key_of

READY_SECONDS = 60.0
ROLES = ("web-a", "triage-a", "triage-b", "worker-a", "clock-a")


class Way:
    """A TCP way to the store: `delay` in seconds for what the store says, `closed` for no way at all."""

    def __init__(self, port: int) -> None:
        self.port = free_port()
        self._to = port
        self.delay = 0.0
        self._closed = False
        self._open: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._pass, "127.0.0.1", self.port)
        async with server:
            yield
            self.close()

    def close(self) -> None:
        self._closed = True
        for writer in self._open:
            writer.close()

    def open(self) -> None:
        self._closed = False

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._closed:
            writer.close()
            return
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.close()
            return
        self._open |= {writer, back}
        await asyncio.gather(self._copy(reader, back, delayed=False), self._copy(there, writer, delayed=True))
        self._open -= {writer, back}

    async def _copy(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, delayed: bool) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                if delayed and self.delay:
                    await asyncio.sleep(self.delay)
                sink.write(data)
                await sink.drain()
        sink.close()


@dataclass
class Stage:
    folder: Path
    world: Outside
    pagers: PagersSandbox
    models: Mapping[str, LlmSandbox]
    store: EmbeddedStore
    way: Way
    processes: Processes
    url: str
    session: aiohttp.ClientSession
    _known: set[str] = field(default_factory=set)

    def freeze_store(self) -> None:
        os.kill(self._store_pid, signal.SIGSTOP)

    def thaw_store(self) -> None:
        os.kill(self._store_pid, signal.SIGCONT)

    @property
    def _store_pid(self) -> int:
        if self.store.pid is None:
            raise RuntimeError("the store does not run")
        return self.store.pid

    def hold(self, kind: str) -> None:
        """Kill these processes, and keep their supervisor from starting them again."""
        for role in self.processes.of(kind):
            role.kill()
            role.process = None

    def release(self, kind: str) -> None:
        for role in self.processes.of(kind):
            role.start()

    async def send(self, number: int) -> tuple[str, float]:
        """A signed webhook of an issue of its own: the answer's status, or why there was none; seconds."""
        issue, event = issue_of(self.world.crash, number), self._event(number)
        if str(number) not in self._known:
            self._known.add(str(number))
            self.world.sentry.add_issue(issue)
            self.world.sentry.add_event(str(number), event)
            self.world.sentry.add_release(str(event["release"]))
        body = serialize(webhook_event_alert(issue, event))
        headers = {
            "Sentry-Hook-Signature": sign(body, self.world.sentry.client_secret),
            "Sentry-Hook-Resource": "event_alert",
            "Content-Type": "application/json",
        }
        started = time.monotonic()
        timeout = aiohttp.ClientTimeout(total=5)
        try:
            async with self.session.post(
                f"{self.url}/sentry/webhook", data=body, headers=headers, timeout=timeout
            ) as answer:
                return str(answer.status), time.monotonic() - started
        except (aiohttp.ClientError, TimeoutError) as error:
            return type(error).__name__, time.monotonic() - started

    def _event(self, number: int) -> dict[str, Any]:
        return {**self.world.crash.event, "event_id": f"{number:032x}", "issue_id": str(number)}

    def parents(self) -> list[Any]:
        """The parent messages of incidents; a stage sees one issue."""
        return [each for each in self.world.slack.messages(CHANNEL) if key_of(each).endswith(":parent")]

    def thread(self) -> list[Any]:
        found = self.parents()
        return self.world.slack.thread(CHANNEL, found[0]["ts"]) if found else []


@asynccontextmanager
async def stage(folder: Path, **environment: str) -> AsyncIterator[Stage]:
    """Everything is up and quiet when the context begins. `environment` is added to every process's."""
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(outside(folder, "127.0.0.1"))
        pagers, models = PagersSandbox(), {name: LlmSandbox() for name in ("anthropic", "openai")}
        pages = await stack.enter_async_context(serve(pagers.app))
        addresses = {name: await stack.enter_async_context(serve(each.app)) for name, each in models.items()}
        store_port = free_port()
        store = stack.enter_context(EmbeddedStore(folder / "store", store_port))
        way = Way(store_port)
        await stack.enter_async_context(way.serving())
        port = free_port()
        settings = {
            "REDIS_URL": f"redis://127.0.0.1:{way.port}/0",
            "PILOT_DATA_DIR": str(folder / "data"),
            "PILOT_HOST": "127.0.0.1",
            "PILOT_PORT": str(port),
            "PILOT_CANARY_SECONDS": "0",
            "PILOT_PAGE_WEBHOOK": f"{pages}/page",
            "PILOT_PAGE_WEBHOOK_SECRET": pagers.secret,
            "PILOT_OPS_CHANNEL": CHANNEL,
            "PILOT_AI_BUDGET_SECONDS": "6",
            "PILOT_EVIDENCE_BUDGET_SECONDS": "6",
            "ANTHROPIC_BASE_URL": addresses["anthropic"],
            "ANTHROPIC_API_KEY": "sandbox",
            "OPENAI_BASE_URL": f"{addresses['openai']}/v1",
            "OPENAI_API_KEY": "sandbox",
        }
        here = Place("a", "127.0.0.1", "127.0.0.1")
        roles = [
            Role(name, here, {**world.environment, **settings, **environment}, folder / f"{name}.log")
            for name in ROLES
        ]
        processes = Processes(roles)
        stack.callback(processes.stop)
        processes.start()
        keeping = asyncio.create_task(processes.keep())
        stack.callback(keeping.cancel)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        built = Stage(
            folder, world, pagers, models, store, way, processes, f"http://127.0.0.1:{port}", session
        )
        await _ready(built)
        yield built


async def _ready(built: Stage) -> None:
    ends = time.monotonic() + READY_SECONDS
    while not all(role.is_up() for role in built.processes.roles):
        if time.monotonic() > ends:
            raise TimeoutError(f"not all processes are up: see {built.folder}")
        await asyncio.sleep(0.2)
