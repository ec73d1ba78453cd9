"""A TCP way to a server that can be made worse."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from investigator.embedded_store import free_port


class Way:
    """To `port` of this machine. `delay` in seconds for what the server says; closed: no way at all.

    With `tls` callers must speak it; the server behind does not.
    """

    def __init__(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        self.port = free_port()
        self._to = port
        self._tls = tls
        self.delay = 0.0
        self._closed = False
        self._open: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._pass, "127.0.0.1", self.port, ssl=self._tls)
        async with server:
            yield
            self.close()

    def close(self) -> None:
        self._closed = True
        self.interrupt()

    def open(self) -> None:
        self._closed = False

    def interrupt(self) -> None:
        """End every connection; new ones are welcome."""
        for writer in self._open:
            writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._closed:
            writer.close()
            return
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.close()
            return
        self._open |= {writer, back}
        await asyncio.gather(self._copy(reader, back, delayed=False), self._copy(there, writer, delayed=True))
        self._open -= {writer, back}

    async def _copy(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, delayed: bool) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                if delayed and self.delay:
                    await asyncio.sleep(self.delay)
                sink.write(data)
                await sink.drain()
        sink.close()
