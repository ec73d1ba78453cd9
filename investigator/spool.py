"""Deliveries on the local disk while the store cannot take them.

One SQLite file per data directory, shared by all processes on it: its write-ahead log is fsynced before an
append returns, carries checksums (a torn tail was never acknowledged and is dropped), and outlives kill -9.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar

from investigator.delivery_codec import Fields
from investigator.errors import PilotError

T = TypeVar("T")

MAX_BYTES = 256 * 1024 * 1024
# Taking deliveries out again needs room as well: for the log of that, and for moving the log into the file.
RESERVE_BYTES = 32 * 1024 * 1024
DISK_SECONDS = 0.4  # what an append may take: with the store's budget it stays under Sentry's second
LOCK_SECONDS = 0.3  # how long to wait for another process's commit
PAGE_BYTES = 8192
PROBE_BYTES = 32 * 1024  # what Sentry usually sends
READ_BYTES = 4 * 1024 * 1024  # what one call of `oldest` holds in memory

_SCHEMA = """
CREATE TABLE IF NOT EXISTS deliveries (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    body BLOB NOT NULL, headers BLOB NOT NULL, received_at BLOB NOT NULL, origin BLOB NOT NULL
)
"""
_NAMES = (b"body", b"headers", b"received_at", b"origin")
_INSERT = "INSERT INTO deliveries (body, headers, received_at, origin) VALUES (?, ?, ?, ?)"
_OLDEST = "SELECT place, body, headers, received_at, origin FROM deliveries ORDER BY place LIMIT ?"


class SpoolUnavailable(PilotError):
    """The disk did not take the write in time, or at all."""


class SpoolFull(SpoolUnavailable):
    """The spool reached its limit, or the disk has no room."""


@dataclass(frozen=True, slots=True)
class Spooled:
    """An encoded delivery in the spool; `place` is its position, growing."""

    place: int
    fields: Fields


class Spool:
    """All methods raise SpoolUnavailable when the disk fails, and work in one thread of their own."""

    def __init__(
        self, directory: Path, max_bytes: int = MAX_BYTES, reserve_bytes: int = RESERVE_BYTES
    ) -> None:
        self.path = directory / "spool.sqlite3"
        self._lock_path = directory / "spool.drain.lock"
        self._open_lock_path = directory / "spool.open.lock"
        self._reserve_bytes = reserve_bytes
        self._max_pages = max(4, max_bytes // PAGE_BYTES)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spool")
        self._connection: sqlite3.Connection | None = None
        self._late: asyncio.Future[None] | None = None

    async def append(self, deliveries: Sequence[Fields]) -> None:
        """Durable, and in this order, when it returns: one transaction, one fsync.

        Raises:
            SpoolFull: the limit or the end of the disk was reached; nothing of the batch was kept.
            SpoolUnavailable: the disk failed, or took longer than `DISK_SECONDS` (it may be kept then).
        """
        await self._in_time(lambda: self._insert(deliveries))

    async def probe(self) -> None:
        """Take a delivery-sized write as `append` would, leaving nothing behind.

        Raises:
            SpoolUnavailable: `append` would not work now.
        """
        await self._in_time(self._insert_and_delete)

    async def _in_time(self, write_now: Callable[[], None]) -> None:
        if self._late and not self._late.done():  # or writes would pile up in memory behind a hung disk
            raise SpoolUnavailable(f"the disk under {self.path} does not answer: see the host's kernel log")
        write = asyncio.ensure_future(self._in_thread(write_now))
        done, _ = await asyncio.wait({write}, timeout=DISK_SECONDS)
        if not done:
            self._late = write
            write.add_done_callback(_look_at)
            raise SpoolUnavailable(f"the disk under {self.path} took longer than {DISK_SECONDS} s")
        write.result()

    async def oldest(self, limit: int) -> list[Spooled]:
        """The first ones in order: at most `limit`, fewer when they are large, none only when it is empty."""
        return await self._in_thread(lambda: self._select(limit))

    async def remove(self, places: Sequence[int]) -> None:
        await self._in_thread(lambda: self._delete(places))

    async def count(self) -> int:
        return await self._in_thread(self._count)

    @asynccontextmanager
    async def draining(self) -> AsyncIterator[bool]:
        """Whether this process may drain now: one at a time, so that the order holds."""
        lock = await self._in_thread(self._lock)
        try:
            yield lock is not None
        finally:
            if lock is not None:
                lock.close()

    async def close(self) -> None:
        await self._in_thread(self._disconnect)
        self._thread.shutdown()

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._classified, work)

    def _classified(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except (sqlite3.Error, OSError) as error:
            self._disconnect()  # a disk that comes back gets a fresh start
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
                raise SpoolFull(
                    f"the spool {self.path} is full: bring the store back, or free disk space"
                ) from error
            raise SpoolUnavailable(
                f"the spool {self.path} does not work: {error}; check disk and permissions, or move the file "
                "away to start a new one"
            ) from error

    def _connect(self) -> sqlite3.Connection:
        if self._connection is None:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.touch(mode=0o600)  # bodies hold what users typed
            with self._open_lock_path.open("wb") as turn:
                # A new file is made a write-ahead log without waiting for others who do the same just now.
                fcntl.flock(turn, fcntl.LOCK_EX)
                self._connection = sqlite3.connect(self.path, timeout=LOCK_SECONDS)
                self._connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("PRAGMA synchronous = FULL")
                self._connection.execute(f"PRAGMA max_page_count = {self._max_pages}")
                self._connection.execute(_SCHEMA)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect_for_more(self) -> sqlite3.Connection:
        """Raises SpoolFull while the disk has only what draining needs."""
        connection = self._connect()
        disk = os.statvfs(self.path.parent)
        unused = int(
            connection.execute("PRAGMA freelist_count").fetchone()[0]
        )  # pages; the file never shrinks
        if disk.f_bavail * disk.f_frsize + unused * PAGE_BYTES < self._reserve_bytes:
            raise SpoolFull(f"the disk under {self.path} is full: bring the store back, or free disk space")
        return connection

    def _insert(self, deliveries: Sequence[Fields]) -> None:
        with self._connect_for_more() as transaction:
            transaction.executemany(_INSERT, [[fields[name] for name in _NAMES] for fields in deliveries])

    def _insert_and_delete(self) -> None:
        with self._connect_for_more() as transaction:
            place = transaction.execute(_INSERT, [bytes(PROBE_BYTES), b"", b"", b""]).lastrowid
            transaction.execute("DELETE FROM deliveries WHERE place = ?", (place,))

    def _select(self, limit: int) -> list[Spooled]:
        found: list[Spooled] = []
        size = 0
        with closing(self._connect().execute(_OLDEST, (limit,))) as rows:
            for place, *values in rows:
                found.append(Spooled(place, dict(zip(_NAMES, values, strict=True))))
                size += len(values[0])
                if size >= READ_BYTES:
                    break
        return found

    def _delete(self, places: Sequence[int]) -> None:
        with self._connect() as transaction:
            transaction.executemany("DELETE FROM deliveries WHERE place = ?", [(p,) for p in places])

    def _count(self) -> int:
        return int(self._connect().execute("SELECT count(*) FROM deliveries").fetchone()[0])

    def _lock(self) -> IO[bytes] | None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = self._lock_path.open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return None
        return lock


def _look_at(late: asyncio.Future[None]) -> None:
    """Nobody waits for this write any more; its error was reported as lateness."""
    if not late.cancelled():
        late.exception()
