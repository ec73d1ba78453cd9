"""What goes wrong, in a seeded order: one track for the store and the network, one for our processes."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import redis

from investigator.store import connect_sync
from tests.chaos.places import Network
from tests.chaos.program import Processes
from tests.chaos.stores import Cluster, Server

FREEZE_SECONDS = 3.0
CUT_SECONDS = 3.0
FULL_SECONDS = 2.5
GONE_SECONDS = 2.5  # before the machine of a killed primary is back
HEAL_SECONDS = 20.0
ROUND_SECONDS = 30.0
KILL_EVERY_SECONDS = 2.0
CALM_SECONDS = 0.6
LONGEST_PACE = 8.0

Tell = Callable[[str], None]
Fault = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Disk:
    """A small disk of its own for one region's spool; `junk` fills it."""

    junk: Path

    def fill(self) -> None:
        with suppress(OSError), self.junk.open("wb", buffering=0) as file:  # ends when it is full
            while file.write(bytes(4096)):
                pass

    def free(self) -> None:
        self.junk.unlink(missing_ok=True)


class Faults:
    """Runs both tracks for a while; `tell` is called with what happens. `disk` None: no small disk here."""

    def __init__(
        self,
        seed: int,
        network: Network,
        cluster: Cluster,
        processes: Processes,
        disk: Disk | None,
        tell: Tell,
    ) -> None:
        self._random = random.Random(seed)
        self._network = network
        self._cluster = cluster
        self._processes = processes
        self._disk = disk
        self._tell = tell
        self._pace = 1.0

    async def run(self, seconds: float) -> None:
        """One round of everything that can go wrong with the store, and more as long as they fit.

        In a long run there is more time between faults: processes that start take all of a small machine.
        """
        self._pace = min(LONGEST_PACE, max(1.0, seconds / ROUND_SECONDS))
        last_start = time.monotonic() + seconds - ROUND_SECONDS
        while True:
            *faults, last = self._round()
            killing = asyncio.create_task(self._kill_processes())
            for fault in faults:
                await self._with_consequences(fault)
            killing.cancel()  # what a worker held comes back after 15 s: meanwhile the last fault
            await self._with_consequences(last)
            if time.monotonic() > last_start:
                return

    async def _with_consequences(self, fault: Fault) -> None:
        await fault()
        await self._healed()
        await self._web_is_back()
        await self._pause(CALM_SECONDS)

    async def _pause(self, seconds: float) -> None:
        await asyncio.sleep(self._pace * self._random.uniform(0.5 * seconds, 1.5 * seconds))

    def _round(self) -> list[Fault]:
        # Sentinels take ten seconds to make a replica of a primary that comes back: one such fault a round.
        returning: list[Fault] = [self._freeze_primary]
        if self._network.can_cut:
            returning.append(self._cut_region)
        faults: list[Fault] = [self._kill_primary, self._restart_everything, self._random.choice(returning)]
        if self._disk:
            faults.append(self._fill_disk)
        self._random.shuffle(faults)
        if faults[-1] == self._restart_everything:  # what was under way then comes back after 15 s
            faults.reverse()
        return faults

    async def _kill_processes(self) -> None:
        while True:
            await self._pause(KILL_EVERY_SECONDS)
            kind = self._random.choice(("web", "triage", "worker"))
            twins = self._processes.of(kind)
            if all(role.is_up() for role in twins):  # or on a slow machine none would ever be
                role = self._random.choice(twins)
                self._tell(f"kill -9 {role.name}")
                role.kill()

    async def _kill_primary(self) -> None:
        primary = await asyncio.to_thread(self._cluster.primary)
        self._tell(f"kill -9 the primary ({primary.place.name})")
        primary.kill()
        await asyncio.sleep(GONE_SECONDS)
        await asyncio.to_thread(self._cluster.rejoin, primary)

    async def _freeze_primary(self) -> None:
        primary = await asyncio.to_thread(self._cluster.primary)
        self._tell(f"freeze the primary ({primary.place.name}) for {FREEZE_SECONDS:g} s")
        primary.send(signal.SIGSTOP)
        await asyncio.sleep(FREEZE_SECONDS)
        primary.send(signal.SIGCONT)

    async def _cut_region(self) -> None:
        name = self._random.choice("ab")
        self._tell(f"cut region {name} off from the other places for {CUT_SECONDS:g} s")
        self._network.cut(name)
        await asyncio.sleep(CUT_SECONDS)
        self._network.mend(name)

    async def _fill_disk(self) -> None:
        assert self._disk
        self._tell(f"fill region a's disk, freeze the replica for {FULL_SECONDS:g} s")
        replica = await asyncio.to_thread(self._cluster.replica)
        self._disk.fill()
        replica.send(signal.SIGSTOP)
        await asyncio.sleep(FULL_SECONDS)
        replica.send(signal.SIGCONT)
        self._disk.free()

    async def _restart_everything(self) -> None:
        self._tell("kill -9 everything at once")
        servers: list[Server] = [*self._cluster.servers, *self._cluster.sentinels]
        for role in self._processes.roles:
            role.kill()
        for server in servers:
            server.kill()
        for server in servers:
            server.start()

    async def _healed(self) -> None:
        """Wait until the primary takes writes again: two faults at once are another promise."""
        started = time.monotonic()
        while not await asyncio.to_thread(self._takes_writes):
            if time.monotonic() - started > HEAL_SECONDS:
                self._tell(f"the store takes no writes {HEAL_SECONDS:g} s after the fault was over")
                return
            await asyncio.sleep(0.2)
        self._tell(f"  store whole again {time.monotonic() - started:.1f} s after the fault was over")

    async def _web_is_back(self) -> None:
        """Wait until a web listens: on a slow machine the next faults would meet nobody who acknowledges."""
        started = time.monotonic()
        while not any(web.is_up() for web in self._processes.of("web")):
            if time.monotonic() - started > HEAL_SECONDS:
                self._tell(f"no web listens {HEAL_SECONDS:g} s after the store is whole again")
                return
            await asyncio.sleep(0.2)

    def _takes_writes(self) -> bool:
        try:
            with connect_sync(self._cluster.primary().url, timeout=0.5) as client:
                client.set("chaos:probe", "")
                return bool(client.wait(1, 300) == 1)
        except (redis.RedisError, OSError):
            return False
