"""`pilot up`: all roles under one supervisor, with a store of its own when none is named."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import structlog

from bot.roles import ROLES
from investigator.catalog import catalog_of
from investigator.embedded_store import (
    STORE_ADDRESS,
    free_port,
    lock_store,
    server_command,
    store_url,
    wait_until_ready,
)
from investigator.errors import ConfigurationError
from investigator.orphans import die_with_parent
from investigator.settings import Settings

log = structlog.get_logger()

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
SETTLED_SECONDS = 30.0  # who lived this long is started again after the first pause
GRACE_SECONDS = 30.0  # how long a child may take to finish the work in hand
STORE_SECONDS = 60.0  # a long append-only file takes a while to load
WRONG_CONFIGURATION = 2  # exit code that starting again cannot mend


@dataclass(frozen=True, slots=True)
class Place:
    """Where children run. `directory` None is here, `output` None is our own terminal."""

    environment: Mapping[str, str]
    directory: Path | None = None
    output: IO[bytes] | None = None


@dataclass(slots=True)
class Child:
    name: str
    command: Sequence[str]
    pass_fds: tuple[int, ...] = ()
    process: asyncio.subprocess.Process | None = None

    def send(self, number: signal.Signals) -> bool:
        """Send a signal; False when nothing runs."""
        if self.process is None or self.process.returncode is not None:
            return False
        self.process.send_signal(number)
        return True


class Supervisor:
    """Starts children, starts dead ones again with growing pauses, stops all of them in order."""

    def __init__(
        self, children: Sequence[Child], place: Place, *, first_pause: float = FIRST_PAUSE_SECONDS
    ) -> None:
        self._children = children
        self._place = place
        self._first_pause = first_pause
        self._failure: str | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Keep all children alive until `stop` is set.

        Raises:
            ConfigurationError: a child says that its configuration is wrong; its own line says what.
        """
        keepers = [asyncio.create_task(self._keep(child, stop)) for child in self._children]
        await stop.wait()
        for child in self._children:
            child.send(signal.SIGTERM)
        _, late = await asyncio.wait(keepers, timeout=GRACE_SECONDS)
        for child in self._children:
            if late and child.send(signal.SIGKILL):
                log.warning("child_killed", role=child.name)
        await asyncio.gather(*keepers)
        if self._failure:
            raise ConfigurationError(f"{self._failure} cannot start; its message is above")

    async def _keep(self, child: Child, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        pause = self._first_pause
        while not stop.is_set():
            started = loop.time()
            code = await self._run(child, stop)
            if stop.is_set():
                break
            if code == WRONG_CONFIGURATION:
                self._failure = child.name
                stop.set()
                break
            if loop.time() - started > SETTLED_SECONDS:
                pause = self._first_pause
            log.error("child_died", role=child.name, code=code, again_in=pause)
            await _pause(pause, stop)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _run(self, child: Child, stop: asyncio.Event) -> int | None:
        """The exit code of one life; None when it could not even start."""
        try:
            child.process = await asyncio.create_subprocess_exec(
                *child.command,
                env=self._place.environment,
                cwd=self._place.directory,
                stdout=self._place.output,
                stderr=self._place.output,
                stdin=asyncio.subprocess.DEVNULL,
                pass_fds=child.pass_fds,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops them in order
                preexec_fn=die_with_parent,
            )
        except OSError as error:
            log.error("child_not_started", role=child.name, error=str(error))
            return None
        log.info("child_started", role=child.name, pid=child.process.pid)
        if stop.is_set():  # too late to be stopped with the others
            child.send(signal.SIGTERM)
        return await child.process.wait()


async def _pause(seconds: float, stop: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


def roles(settings: Settings) -> list[Child]:
    names = [*(role for role in ROLES if role != "worker"), *["worker"] * settings.pilot_workers]
    return [Child(name, (sys.executable, "-m", "bot", name)) for name in names]


async def up(
    settings: Settings,
    stop: asyncio.Event,
    *,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
    output: IO[bytes] | None = None,
) -> None:
    """Run everything until `stop` is set. The store of our own, if any, starts first and ends last.

    Raises:
        ConfigurationError: something cannot work as configured.
        StoreUnavailable: the embedded store does not start.
    """
    settings.require_service_credentials()
    catalog_of(settings)
    inherited = dict(os.environ if environment is None else environment)
    if settings.names_store:
        await Supervisor(roles(settings), Place(inherited, directory, output)).run(stop)
        return
    with lock_store(settings.pilot_data_dir) as lock:
        url = store_url(port := free_port())
        address = settings.pilot_data_dir / STORE_ADDRESS
        address.write_text(url)
        place = Place(inherited | {"REDIS_URL": url}, directory, output)
        command = server_command(settings.pilot_data_dir, port)
        async with _kept(Child("store", command, pass_fds=(lock.fileno(),)), place):
            await asyncio.to_thread(wait_until_ready, url, STORE_SECONDS)
            await Supervisor(roles(settings), place).run(stop)
        address.unlink(missing_ok=True)


@asynccontextmanager
async def _kept(child: Child, place: Place) -> AsyncIterator[None]:
    """Keep one child alive while the context lasts."""
    stop = asyncio.Event()
    keeping = asyncio.create_task(Supervisor([child], place).run(stop))
    try:
        yield
    finally:
        stop.set()
        await keeping
