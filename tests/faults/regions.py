"""The whole program in two regions with a replicated store, as docs/regions.md says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from investigator.embedded_store import free_port
from tests.chaos.places import Loopback
from tests.chaos.program import Role
from tests.chaos.stores import Cluster
from tests.faults.scene import Scene, running, surroundings

ROLES = ("web", "triage", "worker", "clock")


@dataclass(kw_only=True)
class Regions(Scene):
    """`a` holds the primary, `b` the replica, a third place only a Sentinel. Senders try `a` first."""

    cluster: Cluster

    def lose(self) -> None:
        """Region a is gone, with everything that runs in it."""
        self.cluster.servers[0].kill()
        self.cluster.sentinels[0].kill()
        self.hold(self._roles_of_a())

    def regain(self) -> None:
        self.cluster.rejoin(self.cluster.servers[0])
        self.cluster.sentinels[0].start()
        self.release(self._roles_of_a())

    def _roles_of_a(self) -> list[Role]:
        return [role for role in self.processes.roles if role.place.name == "a"]


@asynccontextmanager
async def regions(folder: Path, **environment: str) -> AsyncIterator[Regions]:
    """Everything is up and quiet when the context begins."""
    places, port = list(Loopback().places.values()), free_port()
    async with AsyncExitStack() as stack:
        around = await stack.enter_async_context(surroundings(folder))
        cluster = Cluster(places, folder, free_port(), free_port())
        stack.callback(cluster.stop)
        await asyncio.to_thread(cluster.start)
        roles = [
            Role(
                f"{kind}-{place.name}",
                place,
                {
                    **around.environment,
                    **environment,
                    "REDIS_SENTINELS": cluster.sentinel_addresses,
                    "PILOT_DURABILITY": "replicated:1",
                    "PILOT_DATA_DIR": str(folder / f"data-{place.name}"),
                    "PILOT_HOST": place.front,
                    "PILOT_PORT": str(port),
                },
                folder / f"{kind}-{place.name}.log",
            )
            for place in places[:2]
            for kind in ROLES
        ]
        built = Regions(
            folder=folder,
            around=around,
            processes=await stack.enter_async_context(running(roles)),
            webs=tuple(f"http://{place.front}:{port}" for place in places[:2]),
            cluster=cluster,
        )
        await built.ready()
        yield built
