"""A load generator on raw sockets, in a process of its own: `python -m benchmarks.load ORDER.json`.

Prints one JSON document. It speaks just enough HTTP/1.1 to cost less than what it measures.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter, deque
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

import uvloop

LOST_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Order:
    """`rate` 0: every connection sends again when it has its answer. Else so many a second are sent, whatever
    becomes of them, on at most `connections`. `requests` are whole HTTP requests as latin-1 text.
    """

    host: str
    port: int
    requests: list[str]
    connections: int
    seconds: float
    rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Measured:
    """Latencies in seconds, of answers of status 200 and of all; `unsent` found no connection free."""

    seconds: float
    answers: dict[str, int]
    p50: float
    p99: float
    slowest: float
    unsent: int

    @property
    def accepted_per_second(self) -> float:
        return self.answers.get("200", 0) / self.seconds


class Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self) -> None:
        self._received = b""
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[str] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's does not inherit from it

    async def ask(self, request: bytes) -> str:
        """The status of the answer, or "lost"."""
        assert self._transport
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        try:
            async with asyncio.timeout(LOST_SECONDS):
                return await self._answer
        except TimeoutError:
            return "lost"

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(body) >= length:
            self._received = body[length:]
            self._finish(head[9:12].decode())

    def connection_lost(self, error: Exception | None) -> None:
        self._finish("lost")

    def _finish(self, status: str) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_result(status)


class Load:
    def __init__(self, order: Order) -> None:
        self._order = order
        self._requests = [request.encode("latin-1") for request in order.requests]
        self._sent = 0
        self._latencies: list[float] = []
        self._answers: Counter[str] = Counter()
        self._unsent = 0

    async def run(self) -> Measured:
        loop = asyncio.get_running_loop()
        connections = [
            (await loop.create_connection(Connection, self._order.host, self._order.port))[1]
            for _ in range(self._order.connections)
        ]
        started = time.monotonic()
        if self._order.rate:
            await self._at_a_rate(connections, started)
        else:
            await asyncio.gather(*(self._closed_loop(each, started) for each in connections))
        seconds = time.monotonic() - started
        ordered = sorted(self._latencies)
        return Measured(
            seconds=seconds,
            answers=dict(self._answers),
            p50=ordered[len(ordered) // 2],
            p99=ordered[int(len(ordered) * 0.99)],
            slowest=ordered[-1],
            unsent=self._unsent,
        )

    async def _closed_loop(self, connection: Connection, started: float) -> None:
        while time.monotonic() - started < self._order.seconds:
            await self._once(connection)

    async def _at_a_rate(self, connections: list[Connection], started: float) -> None:
        free = deque(connections)
        under_way: set[asyncio.Task[None]] = set()

        async def use(connection: Connection) -> None:
            await self._once(connection)
            free.append(connection)

        while (elapsed := time.monotonic() - started) < self._order.seconds:
            due = int(elapsed * self._order.rate) - self._sent - self._unsent
            for _ in range(due):
                if not free:
                    self._unsent += 1
                    continue
                task = asyncio.create_task(use(free.popleft()))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
            await asyncio.sleep(0.002)
        await asyncio.gather(*under_way)

    async def _once(self, connection: Connection) -> None:
        request = self._requests[self._sent % len(self._requests)]
        self._sent += 1
        asked = time.monotonic()
        self._answers[await connection.ask(request)] += 1
        self._latencies.append(time.monotonic() - asked)


def main(order: Path) -> None:
    measured = uvloop.run(Load(Order(**json.loads(order.read_text()))).run())
    print(json.dumps(asdict(measured)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
