"""A primary, a replica and three Sentinels from the production files in deploy/valkey."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import redis

from investigator.embedded_store import server_binary
from investigator.store import connect_sync, decoded
from tests.chaos.places import Place

DEPLOY = Path(__file__).parents[2] / "deploy" / "valkey"
NAME = "pilot"
DOWN_AFTER_MS = 1000
FAILOVER_TIMEOUT_MS = 3000
MOST_MEMORY = "3gb"  # of each server; more is refused, which intake has to live with


@dataclass
class Server:
    """One server process, on one place; its files stay where they are when it is killed."""

    place: Place
    port: int
    directory: Path
    command: list[str]
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def address(self) -> str:
        return f"{self.place.back}:{self.port}"

    @property
    def url(self) -> str:
        return f"redis://{self.address}/0"

    def start(self) -> None:
        with open(self.directory / "server.log", "ab") as log:
            self.process = subprocess.Popen(
                self.place.command(self.command),
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def send(self, number: signal.Signals) -> None:
        if self.process and self.process.poll() is None:
            os.kill(self.process.pid, number)

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        if self.process:
            self.process.wait()


class Cluster:
    """`a` holds the primary at first, `b` the replica; every place has a Sentinel."""

    def __init__(self, places: Sequence[Place], directory: Path, port: int, sentinel_port: int) -> None:
        first = places[0].back
        self.servers = [
            _server(place, directory / f"store-{place.name}", port, first if place.back != first else None)
            for place in places[:2]
        ]
        self.sentinels = [
            _sentinel(place, directory / f"sentinel-{place.name}", sentinel_port, (places[0].back, port))
            for place in places
        ]

    @property
    def sentinel_addresses(self) -> str:
        """As REDIS_SENTINELS wants them."""
        return ",".join(sentinel.address for sentinel in self.sentinels)

    def start(self) -> None:
        """Start everything, and wait until the replica follows and the Sentinels know each other."""
        for server in self.servers:
            server.start()
        # Sentinels look for replicas when they start, and then again only after ten seconds.
        _wait_until(self._follows, 20, "the replica does not follow the primary")
        for sentinel in self.sentinels:
            sentinel.start()
        _wait_until(self._acquainted, 20, "the Sentinels do not know each other")

    def stop(self) -> None:
        for server in [*self.sentinels, *self.servers]:
            server.send(signal.SIGCONT)
            server.kill()

    def primary(self) -> Server:
        """Whom most Sentinels call primary; they may have learnt it only now."""
        votes = [answer for sentinel in self.sentinels if (answer := _master_of(sentinel))]
        elected = max(set(votes), key=votes.count) if votes else ""
        return next((server for server in self.servers if server.address == elected), self.servers[0])

    def replica(self) -> Server:
        primary = self.primary()
        return next(server for server in self.servers if server is not primary)

    def rejoin(self, server: Server) -> None:
        """Start a server that was killed, as a careful operator does: following whoever is primary now."""
        primary = self.primary()
        if primary is not server:
            with open(server.command[1], "a") as file:
                file.write(f"\nreplicaof {primary.place.back} {primary.port}\n")
        server.start()

    def _follows(self) -> bool:
        try:
            with connect_sync(self.servers[0].url, timeout=0.5) as client:
                return bool(client.info("replication")["min_slaves_good_slaves"] >= 1)
        except (redis.RedisError, OSError):
            return False

    def _acquainted(self) -> bool:
        try:
            return all(
                state["num-other-sentinels"] == len(self.sentinels) - 1 and state["num-slaves"] >= 1
                for sentinel in self.sentinels
                if (state := _state_at(sentinel))
            )
        except (redis.RedisError, OSError):
            return False


def _server(place: Place, directory: Path, port: int, following: str | None) -> Server:
    directory.mkdir(parents=True)
    name = "replica" if following else "primary"
    for path in DEPLOY.glob("*.conf"):
        text = path.read_text().replace("/etc/valkey", str(directory))
        line = f"replicaof {following} {port}" if following else ""
        (directory / path.name).write_text(re.sub(r"^replicaof .*", line, text, flags=re.MULTILINE))
    command = [str(server_binary()), str(directory / f"{name}.conf"), "--port", str(port)]
    command += ["--maxmemory", MOST_MEMORY]
    command += ["--bind", place.back, "--replica-announce-ip", place.back, "--protected-mode", "no"]
    return Server(place, port, directory, command)


def _sentinel(place: Place, directory: Path, port: int, primary: tuple[str, int]) -> Server:
    directory.mkdir(parents=True)
    text = (DEPLOY / "sentinel.conf").read_text()
    for pattern, value in (
        (r"^bind .*", f"bind {place.back}"),
        (r"^# sentinel announce-ip .*", f"sentinel announce-ip {place.back}"),
        (r"^port .*", f"port {port}"),
        (r"^(sentinel monitor pilot) \S+ \S+", rf"\1 {primary[0]} {primary[1]}"),
        (r"^(sentinel down-after-milliseconds pilot) .*", rf"\1 {DOWN_AFTER_MS}"),
        (r"^(sentinel failover-timeout pilot) .*", rf"\1 {FAILOVER_TIMEOUT_MS}"),
    ):
        text, found = re.subn(pattern, value, text, flags=re.MULTILINE)
        assert found == 1, pattern
    (directory / "sentinel.conf").write_text(text)
    command = [str(server_binary()), str(directory / "sentinel.conf"), "--sentinel"]
    return Server(place, port, directory, command)


def _state_at(sentinel: Server) -> dict[str, int]:
    with connect_sync(sentinel.url, timeout=0.5) as client:
        state: dict[str, int] = client.sentinel_master(NAME)
        return state


def _master_of(sentinel: Server) -> str | None:
    try:
        with connect_sync(sentinel.url, timeout=0.5) as client:
            host, port = client.sentinel_get_master_addr_by_name(NAME)
            return f"{decoded(host)}:{port}"
    except (redis.RedisError, OSError):
        return None


def _wait_until(condition: Callable[[], bool], seconds: float, otherwise: str) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends:
            raise TimeoutError(otherwise)
        time.sleep(0.1)
