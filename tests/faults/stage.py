"""The whole program on one machine, and everything about it that can be made worse."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from investigator.embedded_store import EmbeddedStore, free_port
from tests.chaos.places import Place
from tests.chaos.program import Role
from tests.faults.certificates import Certificates
from tests.faults.disk import Disk
from tests.faults.scene import Scene, running, surroundings
from tests.faults.wall_clock import WallClock
from tests.faults.way import Way

ROLES = ("web-a", "triage-a", "triage-b", "worker-a", "clock-a")


@dataclass(kw_only=True)
class Stage(Scene):
    """`way` leads to the store, `secured` to what is spoken to over TLS (with `certificates`).

    `disk` is what the folder named by `own_disk` lies on.
    """

    store: EmbeddedStore
    way: Way
    certificates: Certificates
    secured: Sequence[Way]
    wall_clock: WallClock | None
    disk: Disk | None

    def freeze_store(self) -> None:
        os.kill(self._store_pid, signal.SIGSTOP)

    def thaw_store(self) -> None:
        os.kill(self._store_pid, signal.SIGCONT)

    @property
    def _store_pid(self) -> int:
        if self.store.pid is None:
            raise RuntimeError("the store does not run")
        return self.store.pid


@asynccontextmanager
async def stage(
    folder: Path,
    *,
    over_tls: Sequence[str] = (),
    clock_may_jump: bool = False,
    own_disk: Literal["store", "data"] | None = None,
    **environment: str,
) -> AsyncIterator[Stage]:
    """Everything is up and quiet when the context begins.

    `over_tls`: settings whose server is to be spoken to over TLS. `environment` is added to every process's.
    """
    async with AsyncExitStack() as stack:
        around = await stack.enter_async_context(surroundings(folder))
        store_port, port = free_port(), free_port()
        disk = Disk(folder / own_disk) if own_disk else None
        if disk:
            stack.enter_context(disk.mounted())
        store = stack.enter_context(EmbeddedStore(folder / "store", store_port))
        way, certificates = Way(store_port), Certificates(folder)
        await stack.enter_async_context(way.serving())
        settings = {**around.environment, **environment}
        secured = []
        for name in over_tls:
            plain = urlsplit(settings[name])
            secured.append(Way(int(plain.port or 80), certificates.context))
            await stack.enter_async_context(secured[-1].serving())
            settings[name] = plain._replace(scheme="https", netloc=f"127.0.0.1:{secured[-1].port}").geturl()
        wall_clock = WallClock(folder) if clock_may_jump else None
        settings |= {
            "REDIS_URL": f"redis://127.0.0.1:{way.port}/0",
            "PILOT_DATA_DIR": str(folder / "data"),
            "PILOT_HOST": "127.0.0.1",
            "PILOT_PORT": str(port),
            **(certificates.trust if over_tls else {}),
            **(wall_clock.environment if wall_clock else {}),
        }
        here = Place("a", "127.0.0.1", "127.0.0.1")
        roles = [Role(name, here, settings, folder / f"{name}.log") for name in ROLES]
        built = Stage(
            folder=folder,
            around=around,
            processes=await stack.enter_async_context(running(roles)),
            webs=(f"http://127.0.0.1:{port}",),
            store=store,
            way=way,
            certificates=certificates,
            secured=secured,
            wall_clock=wall_clock,
            disk=disk,
        )
        await built.ready()
        yield built
