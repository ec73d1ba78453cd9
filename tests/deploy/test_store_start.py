"""The containers of the store start from the files of deploy/, in any order, and find each other."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from investigator.embedded_store import free_port, server_binary

pytestmark = pytest.mark.processes

VALKEY = Path(__file__).parents[2] / "deploy" / "valkey"
PASSWORD, SENTINEL_PASSWORD = "store-password", "sentinel-password"
SECONDS = 30


class Servers:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = {role: free_port() for role in ("primary", "replica", "sentinel")}
        (folder / "bin").mkdir()
        (folder / "bin" / "valkey-server").symlink_to(server_binary())

    @contextmanager
    def run(self, role: str) -> Iterator[None]:
        """As the container does, with a port of its own because here all share one address."""
        templates = self.folder / role
        (templates / "data").mkdir(parents=True, exist_ok=True)
        for template in VALKEY.iterdir():
            text = template.read_text()
            text = text.replace("port 26379", f"port {self.ports['sentinel']}")
            (templates / template.name).write_text(text.replace("port 6379", f"port {self.ports[role]}"))
        settings = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "TEMPLATES": str(templates),
            "DATA": str(templates / "data"),
            "ANNOUNCE": "127.0.0.1",
            "PRIMARY": "localhost",
            "PORT": str(self.ports["primary"]),
            "REDIS_PASSWORD": PASSWORD,
            "REDIS_SENTINEL_PASSWORD": SENTINEL_PASSWORD,
        }
        with (self.folder / f"{role}.log").open("w") as log:
            server = subprocess.Popen(
                ["sh", str(VALKEY / "start.sh"), role], env=os.environ | settings, stdout=log, stderr=log
            )
        try:
            yield
        finally:
            server.kill()
            server.wait()

    async def ask(self, role: str, *command: str) -> object:
        """The answer, waited for while the server is not there yet."""
        password = SENTINEL_PASSWORD if role == "sentinel" else PASSWORD
        async with Redis(port=self.ports[role], password=password, decode_responses=True) as client:
            send: Callable[..., Awaitable[object]] = client.execute_command
            for _ in range(SECONDS * 10):
                try:
                    return await send(*command)
                except RedisError:
                    await asyncio.sleep(0.1)
        raise AssertionError((self.folder / f"{role}.log").read_text())


@pytest.fixture
def servers(tmp_path: Path) -> Servers:
    return Servers(tmp_path)


async def test_a_sentinel_that_starts_first_finds_primary_and_replica(servers: Servers) -> None:
    with ExitStack() as running:
        for role in ("sentinel", "replica", "primary"):
            running.enter_context(servers.run(role))
        for _ in range(SECONDS * 10):
            link = await servers.ask("replica", "INFO", "replication")
            if "master_link_status:up" in str(link) or _value(link, "master_link_status") == "up":
                break
            await asyncio.sleep(0.1)
        else:
            raise AssertionError("the replica did not find its primary")
        await _until_written(servers)
        known = await servers.ask("sentinel", "SENTINEL", "GET-MASTER-ADDR-BY-NAME", "pilot")
    assert str(servers.ports["primary"]) in str(known)


async def test_a_restart_keeps_what_sentinel_wrote(servers: Servers) -> None:
    with servers.run("primary"):
        await servers.ask("primary", "CONFIG", "SET", "min-replicas-to-write", "0")
        await servers.ask("primary", "CONFIG", "REWRITE")
        await servers.ask("primary", "SET", "kept", "yes")
    with servers.run("primary"):
        assert await servers.ask("primary", "GET", "kept") == "yes"
        assert "0" in str(await servers.ask("primary", "CONFIG", "GET", "min-replicas-to-write"))


def test_a_role_that_does_not_exist_is_refused_in_words(tmp_path: Path) -> None:
    done = subprocess.run(
        ["sh", str(VALKEY / "start.sh"), "mistress"],
        env=os.environ | {"DATA": str(tmp_path), "TEMPLATES": str(VALKEY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "primary, replica or sentinel" in done.stderr


def _value(info: object, name: str) -> object:
    return info.get(name) if isinstance(info, dict) else None


async def _until_written(servers: Servers) -> None:
    """With a replica there the primary takes writes (`min-replicas-to-write 1`)."""
    assert await servers.ask("primary", "SET", "written", "yes") in {True, "OK"}
