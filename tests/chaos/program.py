"""The program's processes, each on its place, started again when they die as a supervisor would."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.places import Place

RESTART_SECONDS = 0.5
GOING_SECONDS = 5.0


@dataclass
class Role:
    """One process of the program, in a process group of its own, as the supervisor starts it."""

    name: str
    place: Place
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    deaths: int = 0
    started: float = 0.0  # monotonic

    @property
    def kind(self) -> str:
        return self.name.split("-")[0]

    def is_up(self) -> bool:
        """A web that listens, any other process that has had time to get going."""
        if self.process is None or self.process.poll() is not None:
            return False
        if self.kind != "web":
            return time.monotonic() - self.started > GOING_SECONDS
        with socket.socket() as probe:
            probe.settimeout(0.2)
            return probe.connect_ex((self.place.front, int(self.environment["PILOT_PORT"]))) == 0

    def start(self) -> None:
        self.started = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.place.command([sys.executable, "-m", "bot", self.kind]),
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """Outright; what it forked gets what the kernel sends to orphans."""
        if self.process and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def end(self) -> None:
        """Whatever is left of it, forks included."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Processes:
    """All roles; `keep` starts dead ones again until they are stopped."""

    def __init__(self, roles: Sequence[Role]) -> None:
        self.roles = roles
        self._stopped = False

    def start(self) -> None:
        for role in self.roles:
            role.start()

    async def keep(self) -> None:
        while not self._stopped:
            await asyncio.sleep(RESTART_SECONDS)
            for role in self.roles:
                if not self._stopped and role.process and role.process.poll() is not None:
                    role.deaths += 1
                    role.start()

    def of(self, kind: str) -> list[Role]:
        return [role for role in self.roles if role.kind == kind]

    def stop(self) -> None:
        self._stopped = True
        for role in self.roles:
            role.end()
